#pragma once
#include "run/runbook.h"

namespace davy::run {

// How long nothing may be seen while the candidate has users, until the prepared way back is taken: what the keeper
// waits for without a sign of life (kGuardPatience), or three times as long as the slowest signal that a roll-back rule
// or a bake reads takes from look to look.
inline constexpr Duration kGuardPatience = std::chrono::seconds(15);
Duration patience(const Runbook&);

}  // namespace davy::run
