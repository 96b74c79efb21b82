// One canary in a world, with everything of a usual plan that may act: the tests that nobody asks for (errors, 4xx, the
// shares), rules relative and absolute, a comparison of latencies, planned looks, and a bake for each share. The engine
// is played: after a step aside the candidate has no users for 30 s, then its share again.
#pragma once
#include <cstdint>
#include <string>

#include "world/world.h"

namespace davy::bench {

struct Ending {
  bool rolled_back = false, held = false;
  bool unpassed = false;  // a bake was over and did not pass: the run holds, too
  bool planned = false;   // the planned looks would have taken it back; their alpha is their own
  std::string by;         // which rule or test came first to roll back or hold
  int asides = 0;
  double bad_until_away = 0, bad = 0, seconds = 0;
};

// looks_planned: their bounds cost as much to work out as all else of a canary.
Ending watched(const World&, std::uint64_t seed, bool looks_planned = false);

}  // namespace davy::bench
