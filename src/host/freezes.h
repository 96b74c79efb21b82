// Environments in which somebody said that nothing is deployed for now.
#pragma once
#include <vector>

#include "base/time.h"
#include "host/state_dir.h"

namespace davy::host {

struct Freeze {
  std::string environment;
  Time since{}, until{};
  std::string why, who;
};

std::string file_of_freeze(const StateDir&, const std::string& environment);
std::string text_of(const Freeze&);  // of such a file

// Those that hold then, by name. Code::internal: one that was kept cannot be read; then nobody knows that it does not.
Result<std::vector<Freeze>> freezes(const StateDir&, Time now);

}  // namespace davy::host
