// Time in which nobody read is no time: a process that was stopped, a machine that was suspended, a thread that got no
// processor knows nothing of what came meanwhile.
#pragma once
#include <string>

#include "base/time.h"

namespace davy::ports {

// Of a stretch that was to take `window`: where it took ten times that, and a second at least, why nobody can tell what
// happened in it, for people. Empty: somebody read all the time.
std::string standstill(Time from, Time to, Duration window);

}  // namespace davy::ports
