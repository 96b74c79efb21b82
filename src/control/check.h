// The verb `check`: checklists alone, without people, all at the same time and each to its end.
#pragma once
#include <functional>

#include "control/plan_file.h"
#include "control/runs.h"
#include "view/checks.h"

namespace davy::control {

// Those groups of the plan, or all. Looked at is what serves, as the record has it.
Result<run::Runbook> checklists(Runs&, const PlanFile&, const std::string& environment,
                                const std::vector<std::string>& groups);

// Each change of the report, while it goes on; may be empty.
using Seen = std::function<void(const view::CheckReport&)>;

// One look. plan: its name, for the report.
Result<view::CheckReport> check(Runs&, const run::Runbook&, const std::string& plan, const Seen&);

// The proof that a check can fail: each expectation is turned round, and must be red.
Result<view::CheckReport> check_turned_round(Runs&, const run::Runbook&, const std::string& plan, const Seen&);

}  // namespace davy::control
