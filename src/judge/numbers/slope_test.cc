#include "judge/numbers/slope.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace davy::judge {
namespace {

std::vector<Point> line(double slope, int n, double noise, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<> scatter(0, 1);
  std::vector<Point> out;
  for (int i = 0; i < n; ++i) out.push_back({i * 5.0, 100 + slope * i * 5 + noise * scatter(random)});
  return out;
}

TEST(TheilSen, FindsALineAndIsNotMovedByWildReadings) {
  auto points = line(2, 60, 0);
  EXPECT_DOUBLE_EQ(*theil_sen(points), 2);
  for (std::size_t i : {3u, 17u, 30u, 31u, 44u, 58u, 59u}) points[i].value = 1e9;
  EXPECT_NEAR(*theil_sen(points), 2, 0.2);
}

// Sen, P. K. (1968), Estimates of the regression coefficient based on Kendall's tau, section 5: b* = 4.
TEST(TheilSen, AgreesWithSensExample) {
  std::vector<Point> points{{1, 9}, {2, 15}, {3, 19}, {4, 20}, {10, 45}, {12, 55}, {18, 78}};
  EXPECT_DOUBLE_EQ(*theil_sen(points), 4);
}

TEST(TheilSen, HasNoSlopeWithoutTwoMoments) {
  EXPECT_FALSE(theil_sen({}));
  std::vector<Point> same{{1, 2}, {1, 3}};
  EXPECT_FALSE(theil_sen(same));
}

// By hand: 5 rising values, S = 10, Var = 5·4·15/18, z = 9/4.0825.
TEST(MannKendall, AgreesWithTheFormula) {
  EXPECT_NEAR(mann_kendall(line(1, 5, 0)), 0.5 * std::erfc(9 / std::sqrt(300.0 / 18) / std::sqrt(2.0)), 1e-12);
  EXPECT_EQ(mann_kendall(line(0, 50, 0)), 1) << "all the same";
  EXPECT_GT(mann_kendall(line(-1, 50, 0)), 0.99);
}

TEST(MannKendall, IsWrongAsOftenAsItSays) {
  int alarms = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) alarms += mann_kendall(line(0, 40, 1, seed)) < 0.01;
  EXPECT_LE(alarms, 38) << "20 expected; 38 is four deviations above";
  EXPECT_GE(alarms, 5);
}

}  // namespace
}  // namespace davy::judge
