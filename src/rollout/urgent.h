// A rollout that a person declared urgent: a fix that users wait for. Pure.
#pragma once
#include "run/runbook.h"

namespace davy::rollout {

// Optional steps are left out, and each bake lasts as long as the slowest condition of its own or of a rule needs to
// speak (`over` and `for`), at least kLeastBake, never longer than the plan has it. All else is as the plan says.
void hasten(run::Runbook&);

inline constexpr Duration kLeastBake = std::chrono::seconds(30);

}  // namespace davy::rollout
