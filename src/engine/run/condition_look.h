// A check that is a condition on signals of the plan, looked at once.
#pragma once
#include "engine/run/operators.h"
#include "judge/readings.h"

namespace davy::engine {

struct ConditionLook {
  ports::Done done;    // what cannot be told has failed, and says so
  bool early = false;  // nothing was read yet: the next look may tell
};

// Each service for itself, the worst counts: its candidate from its first user on, else what serves; of a step of the
// way back the previous release.
ConditionLook look_at_signals(const Surroundings&, const run::Attempt&, const run::Call&);

}  // namespace davy::engine
