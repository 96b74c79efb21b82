#include "judge/comparisons.h"

#include <random>

#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;
using run::Consequence;

// Lognormal latencies around `median`, `n` of them.
Tally spread(std::mt19937& random, std::uint64_t n, Duration median) {
  std::lognormal_distribution<> factor(0, 0.5);
  Tally t{.requests = n, .repeats = n};
  for (std::uint64_t i = 0; i < n; ++i)
    t.latency.add(Duration(static_cast<std::int64_t>(static_cast<double>(median.count()) * factor(random))));
  return t;
}

std::vector<Verdict> watch_latencies(std::vector<run::Compare> compare, Duration own, Duration other, int seconds) {
  auto given = setup({});
  given.compare = std::move(compare);
  Judge judge(given);
  std::mt19937 random(7);
  Windows windows(1s);
  std::vector<Verdict> out;
  for (int i = 0; i < seconds && out.empty(); ++i)
    out = judge.see(windows.next(spread(random, 100, own), spread(random, 900, other)));
  return out;
}

TEST(Comparisons, ASlowerCandidateIsFoundAndSaidInNumbers) {
  auto said = watch_latencies({{"latency.p95"}}, 20ms, 10ms, 600);
  ASSERT_EQ(kinds(said), (std::vector{Kind::hold}));
  EXPECT_EQ(said[0].rule, "latency.p95 compared");
  EXPECT_TRUE(said[0].sentence.contains("requests took longer than")) << said[0].sentence;
  EXPECT_TRUE(said[0].sentence.contains("worse by more than 10%")) << said[0].sentence;
}

TEST(Comparisons, AnEqualOneIsLeftAloneAndSoIsOneWithinWhatIsNoNews) {
  EXPECT_TRUE(watch_latencies({{"latency.p95"}, {"latency"}}, 10ms, 10ms, 600).empty());
  EXPECT_TRUE(watch_latencies({{"latency.p95", Ratio{0.5}}}, 13ms, 10ms, 600).empty());
}

TEST(Comparisons, WhatFollowsIsThePlansWord) {
  auto said = watch_latencies({{"latency", Ratio{0.1}, Consequence::roll_back}}, 30ms, 10ms, 600);
  EXPECT_EQ(kinds(said), (std::vector{Kind::roll_back}));
}

TEST(Comparisons, GaugesAreComparedWhereBothReleasesTellThem) {
  auto given = setup({});
  given.compare = {{"memory", Ratio{0.2}, Consequence::warn}};
  Judge judge(given);
  std::mt19937 random(3);
  std::normal_distribution<> noise(0, 2e7);
  Windows windows(1s);
  std::vector<Verdict> out;
  for (int i = 0; i < 2000; ++i) {
    auto w = windows.next(tally(10), tally(90));
    w.numbers["memory"] = {{kNew, 1.5e9 + noise(random)}, {kOld, 1e9 + noise(random)}};
    for (auto& v : judge.see(w)) out.push_back(v);
  }
  ASSERT_EQ(out.size(), 1u) << "said once";
  EXPECT_EQ(out[0].then, Consequence::warn);
  EXPECT_TRUE(out[0].sentence.starts_with("shop 3: memory is 1.")) << out[0].sentence;
}

}  // namespace
}  // namespace davy::judge
