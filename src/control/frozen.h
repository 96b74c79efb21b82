// To say that nothing is deployed to an environment for now, beside the frozen days of a plan; and that this is over.
#pragma once
#include "control/runs.h"
#include "host/freezes.h"

namespace davy::control {

using host::Freeze;

// Until then `davy deploy` refuses that environment, whatever plan; one that is frozen already is frozen anew. A run
// that waits for its window there goes on waiting. Code::invalid: a time that is over, or a name that is none.
Result<Freeze> freeze(Runs&, const std::string& environment, Time until, const std::string& why,
                      const run::Speaker& who);

// Code::refused: it was not frozen.
Result<> thaw(Runs&, const std::string& environment);

// Those that are frozen now, by name; errors as host::freezes.
Result<std::vector<Freeze>> frozen(Runs&);

}  // namespace davy::control
