// One canary in a world, with everything beside the previous release that may act without being asked for (errors, 4xx,
// the shares), and a comparison and two relative rules of a usual plan. The engine is played: after a step aside the
// candidate has no users for 30 s, then its share again.
#pragma once
#include <cstdint>

#include "world/world.h"

namespace davy::bench {

struct Ending {
  bool rolled_back = false, held = false;
  int asides = 0;
  double bad_until_away = 0, bad = 0, seconds = 0;
};

Ending watched(const World&, std::uint64_t seed);

}  // namespace davy::bench
