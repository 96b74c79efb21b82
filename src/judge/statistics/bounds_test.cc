#include "judge/statistics/bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include "judge/statistics/normal.h"

namespace davy::judge {
namespace {

TEST(Normal, KnownNumbers) {
  EXPECT_NEAR(normal_below(1.959963984540054), 0.975, 1e-12);
  EXPECT_NEAR(normal_above(6), 9.865876450376981e-10, 1e-20);
  for (double p : {1e-12, 0.001, 0.2, 0.5, 0.9, 0.999}) EXPECT_NEAR(normal_below(normal_quantile(p)) / p, 1, 1e-9);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-12);
}

// Howard's reference implementation (confseq), checked there against another in R.
TEST(NormalMixture, KnownNumbers) {
  NormalMixture two(100, 0.05);
  EXPECT_NEAR(two.rho(), 12.60056, 1e-5);
  EXPECT_NEAR(two.bound(100, 0.05), 30.35209, 1e-5);
  EXPECT_NEAR(two.log_evidence(10, 100), -0.6510052, 1e-6);
  OneSidedNormalMixture one(100, 0.05);
  EXPECT_NEAR(one.bound(100, 0.05), 27.66071, 1e-5);
  EXPECT_NEAR(one.log_evidence(10, 100), -0.06502391, 1e-7);
}

TEST(NormalMixture, BoundIsWhereTheEvidenceDecides) {
  for (double v : {1.0, 30.0, 5000.0}) {
    NormalMixture two(100, 0.05);
    EXPECT_NEAR(two.log_evidence(two.bound(v, 0.01), v), std::log(100), 1e-9);
    OneSidedNormalMixture one(100, 0.05);
    EXPECT_NEAR(one.log_evidence(one.bound(v, 0.01), v), std::log(100), 1e-9);
  }
}

TEST(NormalMixture, IsExceededByNoiseAsSeldomAsItSays) {
  std::mt19937_64 random(5);
  std::normal_distribution<> noise;
  NormalMixture mixture(100, 0.05);
  int exceeded = 0;
  for (int run = 0; run < 2000; ++run) {
    double sum = 0;
    for (int v = 1; v <= 500; ++v)
      if (std::abs(sum += noise(random)) > mixture.bound(v, 0.05)) {
        ++exceeded;
        break;
      }
  }
  EXPECT_LE(exceeded, 100);
  EXPECT_GE(exceeded, 30) << "a bound that is never reached is no use either";
}

TEST(EmpiricalProcessBound, KnownNumber) {
  EmpiricalProcessBound bound(0.05, 100);
  EXPECT_NEAR(bound(1000), 0.08204769, 1e-7);
  EXPECT_TRUE(std::isinf(bound(99)));
}

TEST(EmpiricalProcessBound, IsExceededAsSeldomAsItSays) {
  std::mt19937_64 random(6);
  std::uniform_real_distribution<> uniform;
  EmpiricalProcessBound bound(0.05, 50);
  int exceeded = 0;
  for (int run = 0; run < 300; ++run) {
    std::vector<double> seen;
    bool out = false;
    for (int t = 1; t <= 800 && !out; ++t) {
      double x = uniform(random);
      seen.insert(std::ranges::upper_bound(seen, x), x);
      if (t < 50 || t % 10 != 0) continue;
      double n = static_cast<double>(t), far = 0;
      for (std::size_t i = 0; i < seen.size(); ++i)
        far = std::max({far, static_cast<double>(i + 1) / n - seen[i], seen[i] - static_cast<double>(i) / n});
      out = far > bound(n);
    }
    exceeded += out;
  }
  EXPECT_LE(exceeded, 15);
}

// The oracle: both integrals of the Bayes factor by brute force, over the mean (in standard deviations) and the scale.
double t_mixture_by_integration(const std::vector<double>& values, double g) {
  auto likelihood = [&](double delta, double sigma) {
    double log = 0;
    for (double x : values) log -= std::pow(x / sigma - delta, 2) / 2 + std::log(sigma);
    return std::exp(log);
  };
  double above = 0, below = 0;
  for (double u = -4; u < 4; u += 0.01) {  // u = log σ, so dσ/σ = du
    below += likelihood(0, std::exp(u)) * 0.01;
    for (double d = -7; d < 7; d += 0.02)
      above += likelihood(d, std::exp(u)) * std::exp(-d * d / (2 * g)) / std::sqrt(2 * std::numbers::pi * g) * 0.0002;
  }
  return above / below;
}

TEST(TMixture, EqualsTheIntegralOverMeanAndScale) {
  for (auto& values : {std::vector{1.0, 2.0, 0.5, 1.5}, std::vector{-0.3, 0.4, 0.1, -0.2, 0.3},
                       std::vector{3.0, 3.3, 2.8, 3.1, 2.9, 3.2}}) {
    double n = static_cast<double>(values.size()), mean = 0, squares = 0;
    for (double x : values) mean += x / n;
    for (double x : values) squares += (x - mean) * (x - mean) / (n - 1);
    double ours = std::exp(log_t_mixture(n, mean / std::sqrt(squares / n), 1));
    EXPECT_NEAR(ours / t_mixture_by_integration(values, 1), 1, 1e-3);
  }
}

TEST(TMixture, TooLittleSaysNothing) { EXPECT_EQ(log_t_mixture(1.9, 100, 1), 0); }

}  // namespace
}  // namespace davy::judge
