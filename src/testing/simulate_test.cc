#include "testing/simulate.h"

#include <gtest/gtest.h>

namespace davy::testing {
namespace {

std::string told(const Report& r) {
  auto out = describe(r.scenario) + "\n";
  for (auto& v : r.violations) out += "  " + v + "\n";
  for (auto& line : r.journal) out += "    " + line + "\n";
  return out + "replay: simulate --seed " + std::to_string(r.seed);
}

TEST(SimulatedWorld, IsDecidedByItsSeedAlone) {
  for (std::uint64_t seed : {3, 44, 1001}) {
    auto a = simulate(seed), b = simulate(seed);
    EXPECT_EQ(a.ending, b.ending);
    EXPECT_EQ(a.events, b.events);
    EXPECT_EQ(a.acts, b.acts);
  }
}

TEST(SimulatedWorld, KeepsEveryPromiseInTwoThousandSeeds) {
  std::map<std::string, int> endings;
  int bad = 0, asides = 0, done_after_one = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    auto report = simulate(seed);
    ++endings[report.ending];
    asides += report.asides, done_after_one += report.asides > 0 && report.ending == "done";
    if (!report.violations.empty() && ++bad <= 3) ADD_FAILURE() << told(report);
  }
  EXPECT_EQ(bad, 0);
  EXPECT_GT(asides, 100);
  EXPECT_GE(done_after_one, 5) << "one bad second does not take a release back";
  for (auto word : {"done", "rolled back", "held", "abandoned"}) EXPECT_GT(endings[word], 0) << word;
}

TEST(SimulatedWorld, ARunThatIsTakenBackBeforeItsFirstStepIsRefused) {
  EXPECT_EQ(simulate(1, {.strategy = "canary", .asks = "rollback"}).ending, "refused");
}

// Found among 100,000: faults that meet (a router forgets while nobody of the candidate is left, or at the very end).
TEST(SimulatedWorld, KeepsThePromisesThatOnceWereBroken) {
  for (std::uint64_t seed : {4602, 9922, 13910, 17938, 19795, 20898, 21807, 24125, 27503, 28358, 29415, 42633, 59010,
                             207054, 308639, 510087, 612203, 626453}) {
    auto report = simulate(seed);
    EXPECT_TRUE(report.violations.empty()) << told(report);
  }
}

}  // namespace
}  // namespace davy::testing
