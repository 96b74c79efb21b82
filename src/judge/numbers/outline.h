// What charts show of many windows: the traffic of each release, in no more points than can be seen.
#pragma once
#include <vector>

#include "judge/numbers/window.h"

namespace davy::judge {

// Without what only a judge reads: endpoints, ages and the series of signals.
Window outline(const Window&);

// Outlines in order of time, those next to each other merged to about so many: each point has its equal part of the
// time. What they count stays the same in sum. What is whole is never merged with what is not, and the newest
// `kept` stay as they are, since they tell how things are now.
std::vector<Window> in_points(const std::vector<Window>&, std::size_t points, std::size_t kept);

}  // namespace davy::judge
