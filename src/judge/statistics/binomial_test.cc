#include "judge/statistics/binomial.h"

#include <gtest/gtest.h>

#include <cmath>

namespace davy::judge {
namespace {

TEST(Binomial, KnownTails) {
  EXPECT_NEAR(binomial_at_least(0, 10, 0.3), 1, 1e-12);
  EXPECT_NEAR(binomial_at_least(10, 10, 0.5), 1 / 1024.0, 1e-12);
  EXPECT_NEAR(binomial_at_least(4, 20, 0.05), 0.0159015, 1e-6);
  EXPECT_NEAR(binomial_at_least(2, 20, 0.2), 0.9308247, 1e-6);
  EXPECT_NEAR(binomial_at_least(25'100, 100'000, 0.25), 0.2338, 1e-3);
  EXPECT_EQ(binomial_at_least(11, 10, 0.5), 0);
}

TEST(PoissonTail, KnownNumbers) {
  EXPECT_NEAR(poisson_tail(0, 3), 1, 1e-12);
  EXPECT_NEAR(poisson_tail(1, 3), 1 - std::exp(-3), 1e-12);
  EXPECT_NEAR(poisson_tail(3, 1), 0.0803014, 1e-6);
  EXPECT_NEAR(poisson_tail(1050, 1000.1), 0.0595, 0.002);
}

TEST(HighestRate, LeavesRoomForWhatFewRequestsCannotRuleOut) {
  EXPECT_NEAR(highest_rate(0, 20, 0.05), 1 - std::pow(0.05, 1 / 20.0), 1e-9);
  EXPECT_NEAR(highest_rate(1, 10, 0.05), 0.3941633, 1e-6);
  EXPECT_EQ(highest_rate(5, 5, 0.05), 1);
}

}  // namespace
}  // namespace davy::judge
