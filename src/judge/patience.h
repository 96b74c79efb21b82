// How long users may be with a candidate that nobody judges.
#pragma once
#include "run/runbook.h"

namespace davy::judge {

// The keeper moves users back when no window was judged for so long: the larger of 15 s and three times the slowest
// source that a roll-back rule or a bake needs. A source that tells every minute says nothing for that minute, and once
// is no silence.
Duration patience(const run::Runbook&);

}  // namespace davy::judge
