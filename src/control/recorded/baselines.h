// What a runbook needs from outside before a run can be judged: the recordings behind its baselines, and Kayenta's
// canary configuration. Both become part of the runbook, so that a run depends on nothing that may change under it.
#pragma once
#include "control/recorded/recording.h"

namespace davy::control {

// `directory`: where the plan stands; files are named from there. Errors name the baseline, and what to do.
Result<> complete(Runs&, const plan::Plan&, run::Runbook&, Time begins, const std::string& directory);

}  // namespace davy::control
