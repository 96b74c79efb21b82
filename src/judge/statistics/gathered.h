// A window of 100 ms holds both releases at hundreds of requests a second. Below that almost every window holds one of
// them, or one request of each, and a comparison within it says next to nothing. So tests gather windows until both
// releases were met, and together ten requests: when that is depends on requests only, never on how they ended, so what
// is a martingale in each window is one in each gathered window.
#pragma once
#include <cstdint>

namespace davy::judge {

constexpr bool enough_gathered(std::uint64_t own, std::uint64_t other) {
  return own >= 1 && other >= 1 && own + other >= 10;
}

// One of the two does not serve: what waits for it is given up.
constexpr bool waits_in_vain(std::uint64_t own, std::uint64_t other) {
  return (own == 0 || other == 0) && own + other >= 10'000;
}

}  // namespace davy::judge
