// The world: equal candidates, and bad ones, in traffic that breaks assumptions. The catalogue is in world/: what a
// world is (world.h), the worlds (equal_worlds.cc, bad_worlds.cc), the traffic that they make (traffic.h), and what
// becomes of one canary (canary.h). Windows of 100 ms, a second below one request a second and over a day; for bad
// candidates they end early, as they do live, once three clients failed (equal ones are many, and steps of 20 ms cost
// five times as much: `hurried` tries it for two worlds).
#include <fmt/format.h>

#include <algorithm>

#include "judge_bench.h"
#include "judge_simulation.h"
#include "world/canary.h"

namespace davy::bench {

void equal_candidates(std::uint64_t canaries, std::uint64_t seed, const std::string& only) {
  fmt::print("\nEqual candidates, {} each, and what befell them\n", canaries);
  fmt::print("{:<72} {:>11} {:>8} {:>6} {:>8} {:>12}\n", "world", "rolled back", "99 %", "held", "99 %", "steps aside");
  for (auto& w : equal_worlds()) {
    if (!w.name.contains(only)) continue;
    std::uint64_t rolled = 0, held = 0, asides = 0;
    for (std::uint64_t i = 0; i < canaries; ++i) {
      auto end = watched(w, seed * 1'000'003 + i);
      rolled += end.rolled_back, held += end.held && !end.rolled_back, asides += static_cast<std::uint64_t>(end.asides);
    }
    fmt::print("{:<72} {:>11} {:>7.3f}% {:>6} {:>7.3f}% {:>12}\n", w.name, rolled, 100 * upper_limit(rolled, canaries),
               held, 100 * upper_limit(held, canaries), asides);
    std::fflush(stdout);
  }
}

void bad_candidates(std::uint64_t canaries, std::uint64_t seed, const std::string& only) {
  fmt::print("\nBad candidates, {} each: bad answers until users were away for the first time, and in all\n", canaries);
  fmt::print("{:<72} {:>7} {:>7} {:>9} {:>7} {:>7} {:>7} {:>7}\n", "world", "median", "p95", "seconds", "in all",
             "rolled", "held", "missed");
  for (auto& w : bad_worlds()) {
    if (!w.name.contains(only)) continue;
    std::vector<double> bad, seconds, all;
    std::uint64_t rolled = 0, held = 0;
    for (std::uint64_t i = 0; i < canaries; ++i) {
      auto end = watched(w, seed * 2'000'003 + i);
      bad.push_back(end.bad_until_away), seconds.push_back(end.seconds), all.push_back(end.bad);
      rolled += end.rolled_back, held += end.held && !end.rolled_back;
    }
    fmt::print("{:<72} {:>7.0f} {:>7.0f} {:>9.1f} {:>7.0f} {:>7} {:>7} {:>7}\n", w.name, quantile(bad),
               quantile(bad, 0.95), quantile(seconds), quantile(all), rolled, held, canaries - rolled - held);
    std::fflush(stdout);
  }
}

}  // namespace davy::bench
