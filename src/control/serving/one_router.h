// Two services or environments behind one backend would take each other's users without a word.
#pragma once
#include "control/runs.h"
#include "run/runbook.h"

namespace davy::control {

// Code::refused when a backend of this runbook's routers is that of a service which serves, or is being deployed, under
// another name or in another environment of this state directory.
Result<> nobody_elses_router(Runs&, const run::Runbook&);

}  // namespace davy::control
