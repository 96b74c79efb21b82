#pragma once
#include "run/state.h"

namespace davy::run {

// Whether what users get is maintenance, whose 503s are wanted: from the moment in which it is being switched on until
// it is off, or as it was before.
bool in_maintenance(const State&);

}  // namespace davy::run
