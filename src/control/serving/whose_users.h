// Who has the users before a deployment touches anything, as platform and router answer.
#pragma once
#include "control/runs.h"

namespace davy::control {

// A first release takes all users at once, which is right only where nobody has any: else Code::refused, with what to
// say instead; Code::unavailable when it could not be looked up. Of users that are with neither release of another run,
// a line each: a person should know, and the run moves them. `said`: what --serves says.
Result<std::vector<std::string>> others_have_users(Runs&, const run::Runbook&, const std::string& said);

// The record says that what would be deployed serves already. true: it does, and all users are with it. false: nobody
// of it is there. Code::refused when it has a part of the users only; another error when it could not be looked up.
Result<bool> serves_everybody(Runs&, const run::Runbook&);

}  // namespace davy::control
