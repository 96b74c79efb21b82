// The steps of a run as lines of a tree, as many as there is room for.
#pragma once
#include "view/view.h"

namespace davy::view {

// First finished groups fold to one line, then those far ahead, then what is above and below the going step is told in
// one line each. What is going on or failed is never folded while anything else is open.
std::vector<std::string> outline(const RunView&, const Look&, int room, Time now);

}  // namespace davy::view
