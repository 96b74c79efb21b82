#include "judge/statistics/mann_whitney.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <vector>

#include "judge/statistics/normal.h"

namespace davy::judge {
namespace {

using Values = std::vector<double>;

// Examples of R's manual and of courses that print R's wilcox.test; normal approximation with continuity correction.
TEST(RankTest, KnownNumbers) {
  // May and August of `airquality`: W = 127.5, p-value = 0.0001208.
  Values may{41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37};
  Values august{39, 9,  16, 78, 35, 66, 122, 89,  110, 44, 28,  65, 22,
                59, 23, 31, 44, 21, 9,  45,  168, 73,  76, 118, 84, 85};
  auto ozone = rank_test(may, august);
  ASSERT_TRUE(ozone);
  EXPECT_EQ(ozone->pairs, 127.5);
  EXPECT_NEAR(ozone->p, 0.0001208, 5e-8);

  Values x{1, 5, 9, 24, 56, 21, 3, 7, 21, 4};
  auto near = rank_test(x, Values{12, 15, 5, 9, 9, 14, 56, 22, 3, 7, 32, 5});
  EXPECT_EQ(near->pairs, 51.5);
  EXPECT_NEAR(near->p, 0.5966, 5e-5);
  auto far = rank_test(x, Values{1233, 4356, 987, 39999, 1111, 200000});
  EXPECT_EQ(far->pairs, 0);
  EXPECT_NEAR(far->p, 0.001364, 5e-7);

  // Hollander & Wolfe 1973, page 69: W = 35.
  Values term{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}, early{1.15, 0.88, 0.90, 0.74, 1.21};
  EXPECT_EQ(rank_test(term, early)->pairs, 35);
  EXPECT_NEAR(rank_test(term, early)->estimate, 0.305, 1e-12) << "the median of all differences";
}

// The textbook: ranks by counting, ties by counting, the interval by trying every difference.
struct Textbook {
  Values x, y;
  double z(double shift) const {
    double above = 0, n = static_cast<double>(x.size()), m = static_cast<double>(y.size()), ties = 0;
    std::map<double, double> groups;
    for (double a : x) {
      ++groups[a - shift];
      for (double b : y) above += a - shift > b ? 1 : a - shift == b ? 0.5 : 0;
    }
    for (double b : y) ++groups[b];
    for (auto& [_, t] : groups) ties += t * t * t - t;
    double off = above - n * m / 2, sigma = std::sqrt(n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1))));
    return off == 0 ? 0 : (off - (off > 0 ? 0.5 : -0.5)) / sigma;
  }
  Values differences() const {
    Values out;
    for (double a : x)
      for (double b : y) out.push_back(a - b);
    std::ranges::sort(out);
    return out;
  }
  // The first difference right of which z is no longer above the level.
  double turn(double level) const {
    for (double d : differences())
      if (z(d + 1e-9) <= level) return d;
    return differences().back();
  }
  double median() const {
    auto all = differences();
    return (all[(all.size() - 1) / 2] + all[all.size() / 2]) / 2;
  }
};

TEST(RankTest, EqualsTheTextbookWithAndWithoutTies) {
  std::mt19937_64 random(3);
  for (int run = 0; run < 200; ++run) {
    Textbook t;
    bool ties = run % 2;
    auto value = [&](double shift) {
      double v = 10 * std::normal_distribution<>()(random) + shift;
      return ties ? std::round(v / 4) : v;
    };
    for (std::size_t i = 0; i < 5 + random() % 40; ++i) t.x.push_back(value(run % 5));
    for (std::size_t i = 0; i < 5 + random() % 40; ++i) t.y.push_back(value(0));
    auto ours = rank_test(t.x, t.y, 0.9);
    ASSERT_TRUE(ours);
    EXPECT_NEAR(ours->p, std::min(1.0, 2 * normal_above(std::abs(t.z(0)))), 1e-12);
    EXPECT_NEAR(ours->low, t.turn(normal_quantile(0.95)), 1e-6) << run;
    EXPECT_NEAR(ours->high, t.turn(-normal_quantile(0.95)), 1e-6) << run;
    if (!ties) EXPECT_NEAR(ours->estimate, t.median(), 1e-6) << run;
  }
}

TEST(RankTest, IntervalHoldsTheTrueShiftAsOftenAsItSays) {
  std::mt19937_64 random(4);
  int missed = 0;
  for (int run = 0; run < 1000; ++run) {
    Values x, y;
    for (int i = 0; i < 30; ++i)
      x.push_back(std::exponential_distribution<>()(random) + 3),
          y.push_back(std::exponential_distribution<>()(random));
    auto ours = rank_test(x, y, 0.9);
    missed += ours->low > 3 || ours->high < 3;
  }
  EXPECT_NEAR(missed, 100, 35);
}

TEST(RankTest, ConstantSidesDifferByTheirDifference) {
  auto constant = rank_test(Values{7, 7, 7}, Values{4, 4});
  ASSERT_TRUE(constant);
  EXPECT_EQ(constant->low, 3);
  EXPECT_EQ(constant->high, 3);
  EXPECT_EQ(constant->estimate, 3);
  EXPECT_EQ(constant->superiority, 1);
  auto same = rank_test(Values{1, 1, 1}, Values{1, 1});
  EXPECT_EQ(same->estimate, 0);
  EXPECT_EQ(same->p, 1);
}

TEST(RankTest, NothingOfNothing) {
  EXPECT_FALSE(rank_test({}, Values{1}));
  EXPECT_FALSE(rank_test(Values{1}, {}));
  EXPECT_FALSE(rank_test(Values{1, NAN}, Values{1}));
  EXPECT_FALSE(rank_test(Values{1}, Values{INFINITY}));
}

TEST(RankTest, HugeValuesDoNotOverflow) {
  auto far = rank_test(Values{1e308, 1.1e308, 1.2e308}, Values{-1e308, -1.1e308, -1.2e308});
  ASSERT_TRUE(far);
  EXPECT_EQ(far->superiority, 1);
}

}  // namespace
}  // namespace davy::judge
