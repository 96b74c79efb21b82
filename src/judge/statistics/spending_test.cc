#include "judge/statistics/spending.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

#include "judge/statistics/normal.h"

namespace davy::judge {
namespace {

// Published for Lan & DeMets with the O'Brien–Fleming-type spending function, cut after four places.
TEST(OBrienFleming, KnownNumbers) {
  auto z = obrien_fleming(0.05, std::array{0.25, 0.5, 0.75, 1.0});
  ASSERT_EQ(z.size(), 4u);
  std::array published{3.7495, 2.5399, 2.0160, 1.7201};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(std::floor(z[i] * 1e4) / 1e4, published[i], 1e-9);
}

TEST(OBrienFleming, OneLookIsThePlainTest) {
  auto z = obrien_fleming(0.025, std::array{1.0});
  ASSERT_EQ(z.size(), 1u);
  EXPECT_NEAR(z[0], 1.959964, 1e-5);
}

// The oracle for two looks: the double integral as a plain sum.
TEST(OBrienFleming, SecondLookSpendsWhatIsLeft) {
  auto z = obrien_fleming(0.05, std::array{0.4, 1.0});
  ASSERT_EQ(z.size(), 2u);
  double crossed = normal_above(z[0]);
  double step = 1e-4;
  for (double u = -9; u < z[0]; u += step)
    crossed +=
        step * normal_density(u + step / 2) * normal_above((z[1] - (u + step / 2) * std::sqrt(0.4)) / std::sqrt(0.6));
  EXPECT_NEAR(crossed, 0.05, 1e-5);
}

TEST(OBrienFleming, RandomWalksCrossAsOftenAsAllowed) {
  std::array fractions{0.1, 0.3, 0.35, 0.8, 1.0};
  auto z = obrien_fleming(0.05, fractions);
  ASSERT_EQ(z.size(), 5u);
  std::mt19937_64 random(7);
  std::normal_distribution<> noise;
  int crossed = 0, runs = 200'000;
  for (int i = 0; i < runs; ++i) {
    double sum = 0, before = 0;
    for (std::size_t k = 0; k < 5; ++k) {
      sum += std::sqrt(fractions[k] - before) * noise(random);
      before = fractions[k];
      if (sum / std::sqrt(before) >= z[k]) {
        ++crossed;
        break;
      }
    }
  }
  EXPECT_NEAR(crossed / static_cast<double>(runs), 0.05, 0.002);
}

TEST(OBrienFleming, SpendsNothingSoEarlyThatNothingIsAllowed) {
  auto z = obrien_fleming(0.01, std::array{0.001, 1.0});
  ASSERT_EQ(z.size(), 2u);
  EXPECT_TRUE(std::isinf(z[0]));
  EXPECT_NEAR(z[1], normal_quantile(0.99), 1e-4);
}

TEST(OBrienFleming, RefusesFractionsThatAreNone) {
  EXPECT_TRUE(obrien_fleming(0.05, std::array{0.5, 0.5}).empty());
  EXPECT_TRUE(obrien_fleming(0.05, std::array{0.5, 1.5}).empty());
  EXPECT_TRUE(obrien_fleming(0.05, std::array{-0.5, 1.0}).empty());
  EXPECT_TRUE(obrien_fleming(0.05, std::array<double, 2>{NAN, 1.0}).empty());
  EXPECT_TRUE(obrien_fleming(0.7, std::array{1.0}).empty());
  EXPECT_TRUE(obrien_fleming(0.05, {}).empty());
}

TEST(BatchTest, DecidesAtTheBoundOfEachLookAndNotBeyondTheLast) {
  BatchTest test(0.05, std::array{0.25, 0.5, 0.75, 1.0});
  test.see(3.7);
  test.see(2.5);
  EXPECT_FALSE(test.decided());
  EXPECT_NEAR(test.bound(), 2.016, 1e-3);
  test.see(2.1);
  EXPECT_TRUE(test.decided());
  BatchTest over(0.05, std::array{1.0});
  over.see(1.0);
  over.see(100);
  EXPECT_FALSE(over.decided());
  EXPECT_EQ(over.looks(), 1u);
}

TEST(BatchTest, TakesTheInformationThatALookReallyHas) {
  BatchTest test(0.05, std::array{0.25, 0.5, 0.75, 1.0});
  for (double information : {100.0, 200.0, 300.0}) {  // as planned, in another unit
    EXPECT_NEAR(test.bound(information) / test.bound(), 1, 1e-3);
    test.see(0, information);
  }
  EXPECT_GT(test.bound(3000), test.bound()) << "it hangs less together with those before: fewer of them were stopped";
  EXPECT_TRUE(std::isinf(test.bound(300))) << "nothing new";
}

TEST(SplitSum, IsTheBinomialTailWhereTheShareStands) {
  SplitSum few, many;
  few.see(3, 4, 0.25), many.see(30, 200, 0.1);
  EXPECT_NEAR(normal_above(few.z()) / (13.0 / 256), 1, 0.05);
  EXPECT_NEAR(many.z(), rate_z(30, 1000, 170, 9000), 0.02);
  EXPECT_NEAR(many.information(), 18, 1e-9);
}

TEST(SplitSum, AddsUpMomentsAndNotPools) {
  SplitSum sum;  // 1 of 20 at 5 %, then 50 of 100 at a half: just what chance makes
  sum.see(1, 20, 0.05), sum.see(50, 100, 0.5);
  EXPECT_LT(sum.z(), 0.5);
  EXPECT_GT(rate_z(51, 550, 69, 1450), 3) << "pooled: 51 of 120 at 27.5 %";
}

// R: binom.test(c, e, share, "greater")$p.value by hand for few events: 3 of 4 at a quarter is 4·(1/4)³·(3/4) + (1/4)⁴.
TEST(RateZ, IsTheBinomialTailAsNormal) {
  EXPECT_NEAR(normal_above(rate_z(3, 100, 1, 300)), 13.0 / 256, 1e-12);
  EXPECT_NEAR(normal_above(rate_z(4, 100, 0, 300)), 1.0 / 256, 1e-12);
  EXPECT_LE(rate_z(1, 100, 9, 300), 0);
  EXPECT_EQ(rate_z(0, 0, 5, 100), 0);
  EXPECT_EQ(rate_z(0, 100, 0, 100), 0);
}

TEST(RateZ, ManyEventsAreNormal) {
  EXPECT_NEAR(rate_z(15'300, 1e6, 15'000, 1e6), 150 / std::sqrt(30'300 / 4.0), 1e-9);
  EXPECT_NEAR(rate_z(9'900, 1e6, 9'600, 1e6), 150 / std::sqrt(19'500 / 4.0), 0.02) << "and nearly so just before";
}

TEST(RateZ, FewErrorsSpendNoMoreThanAlpha) {
  std::mt19937_64 random(3);
  BatchTest planned(0.01, std::array{0.25, 0.5, 0.75, 1.0});
  int alarms = 0;
  for (int run = 0; run < 4000; ++run) {
    auto test = planned;
    double own = 0, other = 0;
    for (int look = 1; look <= 4; ++look) {
      own += std::poisson_distribution<>(3)(random), other += std::poisson_distribution<>(57)(random);
      test.see(rate_z(own, 3000.0 * look, other, 57'000.0 * look));
    }
    alarms += test.decided();
  }
  EXPECT_LE(alarms, 40);
}

}  // namespace
}  // namespace davy::judge
