// How long the steps of a plan take, learned from its last runs.
#pragma once
#include "control/runs.h"

namespace davy::control {

// Puts into each step the median of what it took in the last runs of these services there that ended `done`, five at
// most; never less than the plan itself expects (of bakes and waits that alone). For people: nothing is decided by it.
// Runs that cannot be read teach nothing.
void learn_what_is_usual(Runs&, run::Runbook&);

}  // namespace davy::control
