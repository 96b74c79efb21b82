#include "judge/statistics/means.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <span>
#include <vector>

#include "judge/statistics/bounds.h"

namespace davy::judge {
namespace {
using namespace std::chrono_literals;

// Readings that resemble the ones before them.
class Gauge {
 public:
  Gauge(std::uint64_t seed, double memory) : random_(seed), memory_(memory), now_(noise_(random_)) {}
  double read(double level, double spread) {
    now_ = memory_ * now_ + std::sqrt(1 - memory_ * memory_) * noise_(random_);
    return level + spread * now_;
  }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<> noise_;
  double memory_, now_;
};

// The textbook: all block means kept, everything computed from them at the end.
double evidence_of(std::span<const double> blocks) {
  double n = static_cast<double>(blocks.size()), mean = 0, squares = 0, steps = 0;
  if (n < 3) return 1;
  for (double x : blocks) mean += x / n;
  for (double x : blocks) squares += (x - mean) * (x - mean);
  for (std::size_t i = 1; i < blocks.size(); ++i) steps += std::pow(blocks[i] - blocks[i - 1], 2);
  double variance = squares / (n - 1);
  double phi = std::clamp(1 - steps / (n - 1) / (2 * variance) + 1.5 / std::sqrt(n), 0.0, 0.98);
  double worth = n * (1 - phi) / (1 + phi);
  return worth < 2 ? 1 : std::exp(log_t_mixture(worth, mean / std::sqrt(variance / worth), 1));
}

TEST(MeanTest, EqualsTheTextbookOnKeptBlocks) {
  Gauge own(1, 0.7), other(2, 0.7);
  MeanTest test(1e-9, 1.0, Sided::either_worse);
  std::vector<double> blocks;
  for (int b = 0; b < 60; ++b) {
    double block = 0;
    for (int i = 0; i < 8; ++i) {
      double c = own.read(103, 4), p = other.read(100, 4);
      test.see(c, p, 5s), block += (c - p) / 8;
    }
    blocks.push_back(block);
    double expected = 0, left = 1, weight = 0.75;
    for (std::size_t start = 0; start <= blocks.size(); start = start == 0 ? 12 : start * 2) {
      expected += weight * evidence_of(std::span(blocks).subspan(start));
      left -= weight, weight = left / 2;
    }
    ASSERT_NEAR(test.evidence() / (expected + left), 1, 1e-6) << b;
  }
}

TEST(MeanTest, SeesMoreMemoryAndSaysHowMuch) {
  Gauge own(3, 0.8), other(4, 0.8);
  MeanTest test(0.01, 1.1);
  int readings = 0;
  for (; !test.decided() && readings < 2000; ++readings) test.see(own.read(650, 10), other.read(500, 10), 5s);
  ASSERT_TRUE(test.decided());
  EXPECT_NEAR(test.candidate(), 650, 15);
  EXPECT_NEAR(test.previous(), 500, 15);
  for (int i = 0; i < 2000; ++i) test.see(own.read(650, 10), other.read(500, 10), 5s);
  auto where = test.difference();
  ASSERT_TRUE(where);
  EXPECT_LT(where->low, 100);
  EXPECT_GT(where->high, 100);
  EXPECT_LT(where->high - where->low, 20);
}

TEST(MeanTest, SeesWhatBeginsAfterAGoodHalfHourAndSaysHowMuchSince) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Gauge own(2 * seed, 0.8), other(2 * seed + 1, 0.8);
    MeanTest test(0.001, 1.1);
    for (int i = 0; i < 360; ++i) test.see(own.read(500, 10), other.read(500, 10), 5s);
    for (int i = 0; i < 540 && !test.decided(); ++i) test.see(own.read(750, 10), other.read(500, 10), 5s);
    found += test.decided();
    if (test.decided()) EXPECT_GT(test.candidate(), 600) << seed;
  }
  EXPECT_GE(found, 19);
}

TEST(MeanTest, ADifferenceWithinTheFactorIsNoNews) {
  Gauge own(5, 0.8), other(6, 0.8);
  MeanTest test(0.01, 1.1);
  for (int i = 0; i < 5000; ++i) test.see(own.read(540, 10), other.read(500, 10), 5s);
  EXPECT_FALSE(test.decided());
}

TEST(MeanTest, LessIsNoTroubleUnlessAskedFor) {
  Gauge own(7, 0.5), other(8, 0.5);
  MeanTest worse(0.01, 1.0), either(0.01, 1.0, Sided::either_worse);
  for (int i = 0; i < 500; ++i) {
    double c = own.read(80, 5), p = other.read(100, 5);
    worse.see(c, p, 5s), either.see(c, p, 5s);
  }
  EXPECT_FALSE(worse.decided());
  EXPECT_TRUE(either.decided());
}

TEST(MeanTest, LoadThatBothShareCancels) {
  Gauge own(9, 0.5), other(10, 0.5);
  MeanTest test(0.01, 1.0);
  for (int i = 0; i < 1000; ++i) {
    double load = 1000 * std::sin(i / 30.0) + (i > 500 ? 5000 : 0);
    test.see(load + own.read(100, 5), load + other.read(100, 5), 5s);
  }
  EXPECT_FALSE(test.decided());
}

TEST(MeanTest, ConstantOrBrokenReadingsProveNothing) {
  MeanTest test(0.01, 1.0);
  for (int i = 0; i < 500; ++i) test.see(NAN, 1, 5s), test.see(1, INFINITY, 5s), test.see(7, 5, 5s);
  EXPECT_FALSE(test.decided()) << "without any variance nothing is known about it";
  EXPECT_EQ(test.evidence(), 1);
}

TEST(MeanTest, SaysHowLongItWouldTake) {
  Gauge own(11, 0), other(12, 0);
  MeanTest test(0.01, 1.0);
  for (int i = 0; i < 200; ++i) test.see(own.read(102, 6), other.read(100, 6), 5s);
  ASSERT_FALSE(test.decided());
  auto outlook = test.outlook();
  ASSERT_TRUE(outlook);
  int more = 0;
  for (; !test.decided() && more < 10'000; ++more) test.see(own.read(102, 6), other.read(100, 6), 5s);
  EXPECT_GT(seconds(outlook->time), 5.0 * more / 5);
  EXPECT_LT(seconds(outlook->time), 5.0 * more * 5);
}

TEST(MeanTest, FalseAlarmsStayBelowAlphaWithReadingsThatHangTogether) {
  for (double memory : {0.0, 0.9}) {
    int alarms = 0;
    for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
      Gauge own(2 * seed, memory), other(2 * seed + 1, memory);
      MeanTest test(0.01, 1.0);
      for (int i = 0; i < 500 && !test.decided(); ++i) test.see(own.read(100, 5), other.read(100, 5), 5s);
      alarms += test.decided();
    }
    EXPECT_LE(alarms, 10) << memory;
  }
}

}  // namespace
}  // namespace davy::judge
