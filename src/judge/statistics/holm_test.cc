#include "judge/statistics/holm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>

namespace davy::judge {
namespace {
using ::testing::DoubleNear;
using ::testing::ElementsAre;

// R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm") and the same out of order.
TEST(Holm, KnownNumbers) {
  auto near = [](double x) { return DoubleNear(x, 1e-12); };
  EXPECT_THAT(holm(std::vector{0.01, 0.02, 0.03, 0.04, 0.05}),
              ElementsAre(near(0.05), near(0.08), near(0.09), near(0.09), near(0.09)));
  EXPECT_THAT(holm(std::vector{0.04, 0.01, 0.6}), ElementsAre(near(0.08), near(0.03), near(0.6)));
}

TEST(Holm, WhatIsNoNumberCountsAsOne) {
  EXPECT_THAT(holm(std::vector<double>{NAN, -1.0, 0.01, 7.0}), ElementsAre(1, 1, DoubleNear(0.04, 1e-12), 1));
  EXPECT_TRUE(holm({}).empty());
}

// The textbook: the closed test. A metric is found out when every set of metrics that holds it is, by Bonferroni.
TEST(Holm, FindsOutWhatTheClosedBonferroniTestDoes) {
  std::mt19937_64 random(2);
  for (int run = 0; run < 500; ++run) {
    std::vector<double> p;
    for (int i = 0; i < 5; ++i) p.push_back(std::pow(std::uniform_real_distribution<>()(random), 3));
    auto adjusted = holm(p);
    for (std::size_t i = 0; i < p.size(); ++i) {
      double worst = 0;
      for (unsigned set = 1; set < 32; ++set) {
        if (!(set & (1u << i))) continue;
        double least = 1;
        for (std::size_t j = 0; j < p.size(); ++j)
          if (set & (1u << j)) least = std::min(least, p[j]);
        worst = std::max(worst, std::min(1.0, least * std::popcount(set)));
      }
      ASSERT_NEAR(adjusted[i], worst, 1e-12);
    }
  }
}

}  // namespace
}  // namespace davy::judge
