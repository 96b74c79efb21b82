// Who drives a run: its engine, which a keeper starts and starts again.
#pragma once
#include "control/runs.h"

namespace davy::control {

// An engine drives the run now, or has not quite gone since its end.
bool driven(Runs&, const std::string& run);

// It is open, no engine drives it, and nobody is about to start one.
bool nobody_drives(Runs&, const std::string& run);

// An engine drives the run; starts one when the run is open and nobody does: then true.
Result<bool> see_that_it_is_driven(Runs&, const std::string& run);

// A run of one of these has ended, and its engine has not quite gone: it has its log socket yet.
bool somebody_is_leaving(Runs&, const std::vector<std::string>& services, const std::string& environment);

}  // namespace davy::control
