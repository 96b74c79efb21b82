// How a run stands for whoever must do something: what it waits for, what stands before the users, what to type now.
#pragma once
#include "view/view.h"

namespace davy::view {

// Fills in `waits`, `next`, `next_command`, `closed` and `held_about` from the state that the view's events came to.
void add_standing(RunView&, const run::State&);

std::string quoted(const std::string&);  // as a word of a shell

}  // namespace davy::view
