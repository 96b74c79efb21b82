// The world: equal candidates, and bad ones, in traffic that breaks assumptions. The catalogue is in world/: what a
// world is (world.h), the worlds (equal_worlds.cc, bad_worlds.cc), the traffic that they make (traffic.h), and what
// becomes of one canary (canary.h). Windows of 100 ms, a second below one request a second and over a day; for bad
// candidates they end early, as they do live, once three clients failed (equal ones are many, and steps of 20 ms cost
// five times as much: `hurried` tries it for two worlds).
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "judge_bench.h"
#include "judge_simulation.h"
#include "world/canary.h"

namespace davy::bench {
namespace {

constexpr std::uint64_t kPlanned = 10;  // of so many canaries one has planned looks

std::string said(const std::map<std::string, int>& by) {
  std::string out;
  for (auto& [who, times] : by) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", who, times);
  return out;
}

}  // namespace

void equal_candidates(std::uint64_t canaries, std::uint64_t seed, const std::string& only) {
  fmt::print("\nEqual candidates, {} each, and what befell them\n", canaries);
  fmt::print("{:<84} {:>11} {:>8} {:>6} {:>8} {:>8} {:>8} {:>12}  by\n", "world", "rolled back", "99 %", "held", "99 %",
             "unpassed", "planned*", "steps aside");
  for (auto& w : equal_worlds()) {
    if (!w.name.contains(only)) continue;
    std::uint64_t rolled = 0, held = 0, unpassed = 0, planned = 0, asides = 0;
    std::map<std::string, int> by;
    for (std::uint64_t i = 0; i < canaries; ++i) {
      auto end = watched(w, seed * 1'000'003 + i, i % kPlanned == 0);
      rolled += end.rolled_back, held += end.held && !end.rolled_back, asides += static_cast<std::uint64_t>(end.asides);
      unpassed += end.unpassed && !end.rolled_back && !end.held, planned += end.planned;
      if (!end.by.empty()) ++by[end.by];
    }
    fmt::print("{:<84} {:>11} {:>7.3f}% {:>6} {:>7.3f}% {:>8} {:>8} {:>12}  {}\n", w.name, rolled,
               100 * upper_limit(rolled, canaries), held, 100 * upper_limit(held, canaries), unpassed, planned, asides,
               said(by));
    std::fflush(stdout);
  }
}

void bad_candidates(std::uint64_t canaries, std::uint64_t seed, const std::string& only) {
  fmt::print("\nBad candidates, {} each: bad answers until users were away for the first time, and in all\n", canaries);
  fmt::print("{:<72} {:>7} {:>7} {:>9} {:>7} {:>7} {:>7} {:>8} {:>7}\n", "world", "median", "p95", "seconds", "in all",
             "rolled", "held", "unpassed", "missed");
  for (auto& w : bad_worlds()) {
    if (!w.name.contains(only)) continue;
    std::vector<double> bad, seconds, all;
    std::uint64_t rolled = 0, held = 0, unpassed = 0;
    for (std::uint64_t i = 0; i < canaries; ++i) {
      auto end = watched(w, seed * 2'000'003 + i);
      bad.push_back(end.bad_until_away), seconds.push_back(end.seconds), all.push_back(end.bad);
      rolled += end.rolled_back, held += end.held && !end.rolled_back;
      unpassed += end.unpassed && !end.rolled_back && !end.held;
    }
    fmt::print("{:<72} {:>7.0f} {:>7.0f} {:>9.1f} {:>7.0f} {:>7} {:>7} {:>8} {:>7}\n", w.name, quantile(bad),
               quantile(bad, 0.95), quantile(seconds), quantile(all), rolled, held, unpassed,
               canaries - rolled - held - unpassed);
    std::fflush(stdout);
  }
}

}  // namespace davy::bench
