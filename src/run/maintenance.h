#pragma once
#include "run/state.h"

namespace davy::run {

// Whether what users get is maintenance, whose 503s are wanted: from the moment in which it is being switched on until
// it is off, or as it was before.
bool in_maintenance(const State&);

// Whether nobody of a service runs because Davy itself stopped it in place, and has not brought up the other release
// yet: from the moment in which it is being stopped. What users meet then no release is to blame for. Only of runs
// without a router: behind one, users of others go on, and are judged.
bool stopped_in_place(const State&);

// How often instances were started and stopped so far, in such a run: whoever looks now and then sees by it that a
// service was down meanwhile.
std::int64_t changes_in_place(const State&);

}  // namespace davy::run
