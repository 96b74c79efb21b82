#include "judge/numbers/well.h"

#include <algorithm>
#include <string>

namespace davy::judge {
namespace {

constexpr std::string_view kWell[] = {"ok",        "up",    "healthy", "pass",      "passing", "passed",
                                      "connected", "alive", "good",    "available", "online",  "ready",
                                      "running",   "true",  "success", "green"};

}  // namespace

bool says_well(std::string_view word) {
  std::string lower(word);
  for (auto& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return std::ranges::find(kWell, lower) != std::end(kWell);
}

}  // namespace davy::judge
