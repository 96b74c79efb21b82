// What a source calls things, and what a plan and its run call them.
#pragma once
#include "signals/accumulator.h"

namespace davy::host {

// Series get the signal's name before theirs, labels become releases; "" is the whole service, a stranger is nobody's.
judge::Window named(const judge::Window&, const std::string& signal, const signals::ReleaseMap&);

}  // namespace davy::host
