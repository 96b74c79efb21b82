// When a deployment may begin: the environment's windows and frozen days.
#pragma once
#include "control/draft.h"

namespace davy::control {

// Code::refused on a frozen day, or where somebody froze the environment, with the reason, unless the wish is for now.
Result<> not_frozen(Runs&, const plan::Plan&, const Wish&);

// The step that waits for the window says when that opens, and lasts as long. Code::invalid: it never does, or this
// machine does not know the time zone.
Result<> say_when_it_opens(run::Runbook&, Time now);

}  // namespace davy::control
