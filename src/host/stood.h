// How a series of a run stood at a moment, from the samples that it kept.
#pragma once
#include "judge/numbers/window.h"
#include "run/state.h"

namespace davy::host {

// As a rule would have read it then, over the last minute: of the candidate while it has users, else of what serves.
// "not known" where the windows do not tell. windows: of the minute before.
std::string how_it_stood(const std::string& series, const run::State&, const std::vector<judge::Window>& windows);

}  // namespace davy::host
