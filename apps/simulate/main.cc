// Walks the simulated world: `simulate --seeds 20000`, or `simulate --seed 17` to replay one and read its journal.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "testing/simulate.h"

namespace {

void print(const davy::testing::Report& r) {
  fmt::print("seed {}: {} -> {} in {} lives, {} events, {} points of death\n", r.seed, describe(r.scenario), r.ending,
             r.lives, r.events, r.acts);
  for (auto& violation : r.violations) fmt::print("  VIOLATED: {}\n", violation);
  for (auto& line : r.journal) fmt::print("    {}\n", line);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Davy's engine in a simulated world: crashes, faults and people at every point, decided by a seed"};
  std::uint64_t from = 0, seeds = 2000, one = 0;
  app.add_option("--seeds", seeds, "how many seeds")->capture_default_str();
  app.add_option("--from", from, "the first")->capture_default_str();
  auto replay = app.add_option("--seed", one, "replay this one and print it");
  CLI11_PARSE(app, argc, argv);
  if (*replay) {
    auto report = davy::testing::simulate(one);
    print(report);
    return report.violations.empty() ? 0 : 1;
  }
  std::map<std::string, int> endings;
  std::uint64_t lives = 0, events = 0, bad = 0;
  davy::Duration unjudged{};
  for (auto seed = from; seed < from + seeds; ++seed) {
    auto report = davy::testing::simulate(seed);
    ++endings[report.ending];
    lives += static_cast<std::uint64_t>(report.lives), events += report.events;
    unjudged += report.unjudged;
    if (!report.violations.empty() && ++bad <= 10) print(report);
  }
  fmt::print("{} seeds, {} lives, {} events;", seeds, lives, events);
  for (auto& [ending, count] : endings) fmt::print(" {} {},", ending, count);
  fmt::print(" violations {}; candidates had users and no Davy for {} in all\n", bad, davy::human(unjudged));
  return bad == 0 ? 0 : 1;
}
