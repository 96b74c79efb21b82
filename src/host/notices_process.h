// `davy work notices RUN`: tells people what is news of one run. Started by the run's keeper; needs no engine.
#pragma once
#include "host/state_dir.h"

namespace davy::host {

// Returns 0 when all is told, when the run tells nobody anything, or when another such process has this run; 1 when it
// could not go on, and has said why on stderr: then it is worth another try.
int notices_process(const StateDir&, const std::string& run);

}  // namespace davy::host
