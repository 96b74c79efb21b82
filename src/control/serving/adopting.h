// What ran before Davy came: no run tells of it.
#pragma once
#include "control/runs.h"
#include "plan/plan.h"

namespace davy::control {

// By the word of a person, or of what the plan asks; empty or `nothing`: none. Where the plan's own commands stop and
// start it, it is stopped as the plan says now, and started so on the way back; elsewhere Code::refused.
Result<run::Release> adopted(const plan::Service&, const std::string& version);

// Services of which no run tells, and whose plan says whom to ask (`serves`), are given the previous release that is
// found so; true: some were. An Error: it could not be asked, which does not mean that nothing is there.
Result<bool> ask_what_serves(Runs&, const plan::Plan&, const run::Runbook&, std::vector<run::Subject>&);

}  // namespace davy::control
