#include "judge/statistics/quantiles.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace davy::judge {
namespace {
using namespace std::chrono_literals;

// Lognormal latencies with a median of 12 ms, slower by a factor.
class Traffic {
 public:
  explicit Traffic(std::uint64_t seed) : random_(seed) {}
  Sketch window(int requests, double slower = 1) {
    std::lognormal_distribution<> usual(std::log(12e6 * slower), 0.8);
    Sketch out;
    for (int i = 0; i < requests; ++i) out.add(Duration(static_cast<std::int64_t>(usual(random_))));
    return out;
  }
  double uniform() { return std::uniform_real_distribution<>()(random_); }

 private:
  std::mt19937_64 random_;
};

TEST(Clumps, EqualsTheTextbookVarianceOverItsExpectation) {
  std::mt19937_64 random(3);
  Clumps clumps;
  std::vector<double> steps;
  for (int i = 0; i < 500; ++i) {
    steps.push_back(std::normal_distribution<>(20, 6)(random));  // a steady excess is no dispersion
    clumps.see(steps.back(), 4);
    double squares = 0;
    for (std::size_t j = 1; j < steps.size(); ++j) squares += std::pow(steps[j] - steps[j - 1], 2) / 2;
    double pairs = static_cast<double>(i);
    double expected = i == 0 ? 3 : std::max(1.0, (3 + squares / 4) / (1 + pairs));
    ASSERT_NEAR(clumps.value(), expected, 1e-9 * expected);
  }
  EXPECT_NEAR(clumps.value(), 9, 1.5);
}

// The textbook of one threshold: blocks of 3 s of the windows, each multiplied out with the deflation of those before.
TEST(SlowTest, EqualsTheMixtureOfItsBlocks) {
  constexpr std::array ratios{1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0};
  std::mt19937_64 random(9);
  SlowTest test;
  RatioMixture blocks(ratios);
  Clumps clumps;
  for (int block = 0; block < 40; ++block) {
    Slow all;
    for (int w = 0; w < 30; ++w) {
      Slow s{random() % 3, 10, random() % 20, 190};
      all.own += s.own, all.own_requests += 10, all.other += s.other, all.other_requests += 190;
      test.see(s, 100ms);
    }
    ASSERT_TRUE(test.at_edge());
    double own = static_cast<double>(all.own), slow = own + static_cast<double>(all.other);
    blocks.see({own, slow - own, 0.05}, 1.5 * clumps.value(), 3s, 2.72);
    clumps.see(own - slow * 0.05, slow * 0.05 * 0.95);
    ASSERT_NEAR(test.evidence() / blocks.evidence(), 1, 1e-9) << block;
  }
}

TEST(QuantileTest, SeesASlowerCandidateAndSaysWhere) {
  Traffic traffic(1);
  QuantileTest test(0.01);
  int windows = 0;
  for (; !test.decided() && windows < 3000; ++windows) test.see(traffic.window(10, 1.5), traffic.window(190), 100ms);
  ASSERT_TRUE(test.decided());
  EXPECT_LT(windows, 1000);
  auto found = test.finding();
  EXPECT_EQ(found.quantile, 0.95);
  EXPECT_NEAR(seconds(found.threshold), 0.012 * std::exp(0.8 * 1.645), 0.006);
  EXPECT_NEAR(found.slow.other_rate(), 0.05, 0.01);
  EXPECT_GT(found.slow.own_rate(), 0.09);
  EXPECT_FALSE(test.outlook()) << "decided";
}

TEST(QuantileTest, SlowerByLessThanTheFactorIsNoNews) {
  Traffic traffic(2);
  QuantileTest test(0.01, {0.95}, 1.5);
  for (int i = 0; i < 3000; ++i) test.see(traffic.window(50, 1.4), traffic.window(150), 100ms);
  EXPECT_FALSE(test.decided());
  for (int i = 0; i < 3000; ++i) test.see(traffic.window(50, 2.2), traffic.window(150), 100ms);
  EXPECT_TRUE(test.decided());
}

TEST(QuantileTest, AFasterOneIsNeverAccused) {
  Traffic traffic(3);
  QuantileTest test(0.01);
  for (int i = 0; i < 2000; ++i) test.see(traffic.window(50, 0.7), traffic.window(150), 100ms);
  EXPECT_FALSE(test.decided());
  EXPECT_LT(test.evidence(), 1);
  EXPECT_FALSE(test.outlook());
}

TEST(QuantileTest, AFactorOfTheSketchesErrorCausesNoAlarm) {
  QuantileTest test(0.05);
  for (int i = 0; i < 3000; ++i) {  // each release at another end of one bucket
    Sketch own, other;
    own.add(Sketch::lower_end(900) + (Sketch::lower_end(901) - Sketch::lower_end(900)) * 99 / 100, 20);
    other.add(Sketch::lower_end(900), 180);
    test.see(own, other, 100ms);
  }
  EXPECT_FALSE(test.decided());
}

TEST(QuantileTest, AnyQuantileMayBeWorse) {
  std::mt19937_64 random(5);
  Traffic traffic(5);
  QuantileTest tail(0.01, {0.99}), any(0.01, {0.5, 0.9, 0.99});
  for (int i = 0; i < 1500;
       ++i) {  // the fast half of the candidate's requests is no longer fast; its tail is as it was
    auto shifted = traffic.window(25);
    for (int n = 0; n < 25; ++n) shifted.add(16ms);
    tail.see(shifted, traffic.window(150), 100ms), any.see(shifted, traffic.window(150), 100ms);
  }
  EXPECT_FALSE(tail.decided());
  EXPECT_TRUE(any.decided());
  EXPECT_EQ(any.finding().quantile, 0.5);
}

TEST(QuantileTest, OneSlowPauseDoesNotDecideHoweverSlow) {
  for (int pause : {1, 5, 15, 29}) {  // windows of 100 ms
    for (int begins : {10, 50, 400}) {
      Traffic traffic(6);
      QuantileTest test(0.01);
      for (int i = 0; i < 600; ++i) {
        bool slow = i >= begins && i < begins + pause;
        test.see(traffic.window(10, slow ? 100 : 1), traffic.window(190), 100ms);
        ASSERT_FALSE(test.decided()) << pause << " windows from " << begins;
      }
    }
  }
}

TEST(QuantileTest, ASlowDatabaseIsNotTheCandidates) {
  Traffic traffic(7);
  QuantileTest test(0.01);
  for (int i = 0; i < 1200; ++i) {  // slow minutes hit both, and the split changes meanwhile
    double slower = i % 400 < 200 ? 1 : 8;
    int own = i < 400 ? 10 : i < 800 ? 50 : 100;
    test.see(traffic.window(own, slower), traffic.window(200 - own, slower), 100ms);
  }
  EXPECT_FALSE(test.decided());
}

TEST(QuantileTest, SaysNothingWithoutTraffic) {
  Traffic traffic(8);
  QuantileTest test(0.01);
  for (int i = 0; i < 50; ++i) test.see({}, traffic.window(100), 1s);
  EXPECT_NEAR(test.evidence(), 1, 1e-12);
  EXPECT_EQ(test.finding().threshold, Duration{});
  QuantileTest none(0.01, {});
  none.see(traffic.window(10), traffic.window(10), 1s);
  EXPECT_FALSE(none.decided());
}

TEST(QuantileTest, SaysHowLongItWouldTake) {
  Traffic traffic(9);
  QuantileTest test(0.01);
  for (int i = 0; i < 200; ++i) test.see(traffic.window(10, 1.2), traffic.window(190), 100ms);
  ASSERT_FALSE(test.decided());
  auto outlook = test.outlook();
  ASSERT_TRUE(outlook);
  int more = 0;
  for (; !test.decided() && more < 6000; ++more) test.see(traffic.window(10, 1.2), traffic.window(190), 100ms);
  EXPECT_TRUE(test.decided());
  EXPECT_NEAR(seconds(outlook->time), more / 10.0, 60);
}

TEST(QuantileTest, LittleTrafficIsGatheredUntilBothWereMet) {
  Traffic traffic(12);
  QuantileTest test(0.01);
  for (int i = 0; i < 40'000 && !test.decided(); ++i) {  // five requests a second, a tenth of them the candidate's
    bool own = i % 20 == 0;
    test.see(own ? traffic.window(1, 6) : Sketch(), own || i % 2 ? Sketch() : traffic.window(1), 100ms);
  }
  EXPECT_TRUE(test.decided());
}

TEST(QuantileTest, AnotherMixOfEndpointsAccusesNobodyAndASlowerEndpointIsFound) {
  auto asked = [](Traffic& traffic, int search, int cart, double slower) {
    Tally out{.latency = traffic.window(cart)};
    auto searches = traffic.window(search, 10 * slower);
    out.latency.merge(searches);
    out.endpoints["/search"] = {.requests = searches.count(), .latency = searches};
    return out;
  };
  auto decided = [&](double slower, bool paths) {
    Traffic traffic(13);
    QuantileTest test(0.001);
    for (int i = 0; i < 3000 && !test.decided(); ++i) {
      auto own = asked(traffic, 10, 40, slower), other = asked(traffic, 8, 142, 1);
      if (!paths) own.endpoints.clear(), other.endpoints.clear();
      test.see(own, other, 100ms);
    }
    return test.decided();
  };
  EXPECT_FALSE(decided(1, true));
  EXPECT_TRUE(decided(1, false)) << "a fifth of its requests are searches, a twentieth of the others'";
  EXPECT_TRUE(decided(1.5, true));
}

// An equal canary in bad company: the database is slow now and then for both, each release pauses for about a second
// now and then for itself, the split wanders and steps up. bench/judge_alarms.cc does this 10⁵ times.
TEST(QuantileTest, ANewPageThatIsSlowAccusesNobodyAndARenamedOneIsComparedWithWhatItWas) {
  auto decided = [&](bool renamed) {
    Traffic traffic(17);
    QuantileTest test(0.001);
    auto asked = [&](std::string path, int n, double slower) {
      Tally out{.latency = traffic.window(40)};
      auto there = traffic.window(n, slower);
      if (n > 0) out.latency.merge(there), out.endpoints[path] = {.requests = there.count(), .latency = there};
      return out;
    };
    for (int i = 0; i < 3000 && !test.decided(); ++i)
      test.see(asked("/v2/search", 10, 20), asked("/v1/search", renamed ? 10 : 0, 5), 100ms);
    return test.decided();
  };
  EXPECT_FALSE(decided(false));
  EXPECT_TRUE(decided(true));
}

TEST(QuantileTest, FalseAlarmsStayBelowAlphaWithPausesAndDriftingShares) {
  int alarms = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Traffic traffic(seed);
    QuantileTest test(0.01);
    double own_until = 0, other_until = 0, both_until = 0;
    for (int second = 0; second < 90 && !test.decided(); ++second) {
      auto pause = [&](double& until, double every, double length) {
        if (traffic.uniform() < 1 / every) until = second - length * std::log(traffic.uniform());
        return second < until;
      };
      bool both = pause(both_until, 40, 5), mine = pause(own_until, 30, 1), its = pause(other_until, 30, 1);
      int own = static_cast<int>((second < 45 ? 10 : 50) * (0.6 + 0.8 * traffic.uniform()));
      test.see(traffic.window(own, mine ? 20 : both ? 5 : 1), traffic.window(200 - own, its ? 20 : both ? 5 : 1), 1s);
    }
    alarms += test.decided();
  }
  EXPECT_LE(alarms, 3);
}

}  // namespace
}  // namespace davy::judge
