// The parts of a simulation: what a scenario deploys, and what must hold when its run has come to its end.
#pragma once
#include "run/runbook.h"
#include "testing/simulate.h"

namespace davy::testing {

bool both_can_run(const Scenario&);  // in place, where both releases can run at once
std::vector<std::string> services_of(const Scenario&);
run::Runbook book_of(const Scenario&);

// The plan has changed since release 1 was shipped: going back must not start it as the plan says now.
spec::Value previous_options();

bool taken_back(const Reality&);  // the run takes an ended one back

// Violations are told to the world. ending: the word of it, or `held`.
void check_end(Reality&, const Scenario&, const std::string& ending);

}  // namespace davy::testing
