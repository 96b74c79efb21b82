// How well the judge judges: evidence needed, time to a decision, promises, costs, false alarms.
//   judge_bench [--canaries N] [--seed S] [--log HAPROXY-LOG]
//               [--only evidence|time|promises|costs|alarms[:TEST]|world[:NAME]|equal[:NAME]|bad[:NAME]]
// world: equal candidates, and of bad ones a tenth as many.
// Every figure is a ratio or a probability, or stands beside what it should be compared with.
#include "judge_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

int main(int argc, char** argv) {
  using namespace davy::bench;
  std::uint64_t canaries = 2000, seed = 1;
  std::string only, log;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--canaries") == 0) canaries = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--seed") == 0) seed = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--only") == 0) only = argv[i + 1];
    if (std::strcmp(argv[i], "--log") == 0) log = argv[i + 1];
  }
  auto asked = [&](std::string_view part) { return only.empty() || only.starts_with(part); };
  if (asked("evidence")) evidence_needed(seed);
  if (asked("time")) time_to_decision(seed);
  if (asked("promises")) promises(canaries, seed);
  if (asked("costs")) costs(log);
  auto name = only.contains(':') ? only.substr(only.find(':') + 1) : "";
  if (only.starts_with("world") || only.starts_with("equal")) equal_candidates(canaries, seed, name);
  if (only.starts_with("world")) bad_candidates(std::max<std::uint64_t>(canaries / 10, 10), seed, name);
  if (only.starts_with("bad")) bad_candidates(canaries, seed, name);
  if (asked("alarms") && canaries > 0) false_alarms(canaries, seed, name);
}
