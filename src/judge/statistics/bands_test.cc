#include "judge/statistics/bands.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace davy::judge {
namespace {
using namespace std::chrono_literals;

Sketch latencies(std::mt19937_64& random, int n, double slower = 1) {
  std::lognormal_distribution<> usual(std::log(12e6 * slower), 0.8);
  Sketch out;
  for (int i = 0; i < n; ++i) out.add(Duration(static_cast<std::int64_t>(usual(random))));
  return out;
}

TEST(QuantileInterval, HoldsTheTrueQuantileAtEveryLook) {
  EmpiricalProcessBound band(0.05, 100);
  int failed = 0;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    Sketch all;
    bool out = false;
    for (int look = 0; look < 40; ++look) {
      all.merge(latencies(random, 50));
      for (auto [q, z] : {std::pair{0.5, 0.0}, {0.9, 1.2815515655}, {0.95, 1.6448536269}}) {
        auto [low, high] = quantile_interval(all, q, band);
        auto truth = 0.012 * std::exp(0.8 * z);
        out = out || seconds(low) > truth || seconds(high) < truth;
      }
    }
    failed += out;
  }
  EXPECT_LE(failed, 10);
}

TEST(QuantileInterval, IsEverythingWhileNothingIsKnown) {
  std::mt19937_64 random(1);
  EmpiricalProcessBound band(0.05, 100);
  EXPECT_EQ(quantile_interval({}, 0.5, band), std::pair(Duration{}, kForever));
  auto few = latencies(random, 400);
  auto [low, high] = quantile_interval(few, 0.95, band);
  EXPECT_GT(low, 12ms);
  EXPECT_EQ(high, kForever) << "400 requests do not bound a p95 from above";
  EXPECT_LE(quantile_interval(few, 0.5, band, 3).first, quantile_interval(few, 0.5, band).first);
}

// The oracle: every latency kept, every one tried as the threshold.
double widest_gap(const std::vector<Duration>& own, const std::vector<Duration>& other) {
  double widest = 0;
  auto beyond = [](const std::vector<Duration>& all, Duration edge) {
    return static_cast<double>(std::ranges::count_if(all, [&](auto d) { return d >= edge; })) /
           static_cast<double>(all.size());
  };
  for (auto& from : {own, other})
    for (auto d : from) {
      auto edge = Sketch::lower_end(Sketch::bucket_of(d));
      widest = std::max(widest, beyond(own, edge) - beyond(other, edge));
    }
  return widest;
}

TEST(BandTest, GapEqualsTheOneFoundByTryingEveryThreshold) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<> usual(std::log(12e6), 0.8);
  std::vector<Duration> own, other;
  BandTest test(0.05);
  for (int i = 0; i < 300; ++i) {
    own.push_back(Duration(static_cast<std::int64_t>(1.2 * usual(random))));
    other.push_back(Duration(static_cast<std::int64_t>(usual(random))));
    Sketch a, b;
    a.add(own.back()), b.add(other.back());
    test.see(a, b);
    if (i % 30 == 29) EXPECT_NEAR(test.gap(), widest_gap(own, other), 1e-12) << i;
  }
}

TEST(BandTest, SeesAShiftAnywhereAndAnEqualOneNever) {
  std::mt19937_64 random(8);
  BandTest slower(0.01), equal(0.01), within(0.01, 2.0);
  for (int i = 0; i < 300; ++i) {
    auto previous = latencies(random, 100);
    slower.see(latencies(random, 50, 1.5), previous);
    equal.see(latencies(random, 50), previous);
    within.see(latencies(random, 50, 1.5), previous);
  }
  EXPECT_TRUE(slower.decided());
  EXPECT_GT(slower.where(), 5ms);
  EXPECT_FALSE(equal.decided());
  EXPECT_FALSE(within.decided()) << "slower by less than the factor";
}

TEST(BandTest, ALoadThatChangesWithTheSplitFoolsIt) {
  std::mt19937_64 random(9);
  BandTest test(0.01);
  for (int i = 0; i < 200; ++i) {
    bool late = i >= 100;
    test.see(latencies(random, late ? 50 : 5, late ? 5 : 1), latencies(random, late ? 50 : 95, late ? 5 : 1));
  }
  EXPECT_TRUE(test.decided()) << "why quantiles.h does not rest on it";
}

}  // namespace
}  // namespace davy::judge
