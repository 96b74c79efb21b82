// The name of a run, as people read it in lists and type it after `davy status`.
#pragma once
#include <cstdint>
#include <string>

#include "base/time.h"

namespace davy::store {

// "20261121-015443-k3f": when it was started (UTC, to the second), so that ids sort by start, and three characters of
// `random`, so that two of one second differ. No vowels (no words) and none of 0 1 l o i (no doubts).
std::string run_id(Time started, std::uint32_t random);

// The same with randomness of the system. Should an id be taken all the same, Journal::create answers Code::conflict.
std::string new_run_id(Time started);

}  // namespace davy::store
