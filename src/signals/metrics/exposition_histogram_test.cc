#include "signals/metrics/exposition_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace davy::signals {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(ExpositionHistogram, CountsEveryoneOnce) {
  auto sketch = to_sketch({{0.1, 10}, {0.5, 30}, {1, 30}, {kInf, 33}}, 1);
  EXPECT_EQ(sketch.count(), 33u);
  EXPECT_NEAR(sketch.share_above(std::chrono::milliseconds(500)), 3.0 / 33, .005);
}

TEST(ExpositionHistogram, SpreadsABucketEvenly) {
  auto sketch = to_sketch({{1, 0}, {2, 1000}, {kInf, 1000}}, 1);
  EXPECT_NEAR(seconds(sketch.quantile(.5)), 1.5, .02);
  EXPECT_NEAR(seconds(sketch.quantile(.95)), 1.95, .02);
}

TEST(ExpositionHistogram, PutsWhatIsAboveTheLastBoundAboveIt) {
  auto sketch = to_sketch({{5, 0}, {kInf, 10}}, 1);
  EXPECT_GT(sketch.quantile(.95), std::chrono::seconds(5)) << "`latency.p95 > 5s` must see it";
}

TEST(ExpositionHistogram, WithoutABucketForAllThatIsAboveItTellsNothing) {
  EXPECT_EQ(to_sketch({{0.1, 10}, {0.5, 95}}, 1).count(), 0u) << "of 200, it may be";
}

TEST(ExpositionHistogram, ReadsTheUnitFromTheName) {
  EXPECT_EQ(unit_of("http_request_duration_seconds"), 1);
  EXPECT_EQ(unit_of("http_server_duration"), std::nullopt) << "milliseconds in OpenTelemetry before 1.20";
  EXPECT_EQ(unit_of("envoy_cluster_upstream_rq_time"), std::nullopt) << "milliseconds";
  EXPECT_EQ(unit_of("http_request_duration_milliseconds"), 1e-3);
  EXPECT_NEAR(seconds(to_sketch({{100, 0}, {200, 50}, {kInf, 50}}, 1e-3).quantile(.5)), .15, .003);
}

TEST(ExpositionHistogram, StatesItsError) {
  Cumulative h{{0.1, 10}, {0.5, 90}, {1, 99}, {kInf, 100}};
  EXPECT_DOUBLE_EQ(*resolution(h, .5, 1), .4);
  EXPECT_DOUBLE_EQ(*resolution(h, .95, 1), .5);
  EXPECT_EQ(*resolution(h, 1, 1), kInf);
  EXPECT_EQ(resolution({}, .5, 1), std::nullopt);
}

TEST(ExpositionHistogram, BearsNonsense) {
  EXPECT_EQ(to_sketch({{0.1, 10}, {0.5, 5}, {kInf, 12}}, 1).count(), 12u) << "a page made while it changed";
  EXPECT_EQ(to_sketch({{-1, 5}, {1, 7}, {kInf, 7}}, 1).count(), 7u - 5u) << "nobody answers before being asked";
  EXPECT_EQ(to_sketch({{1, -5}, {kInf, -5}}, 1).count(), 0u);
  EXPECT_EQ(to_sketch({{1e300, 1e300}, {kInf, 1e300}}, 1).count(), 1'000'000'000'000'000u);
}

// The oracle: the exact quantile of the values, which may be off by the bucket's width and the sketch's 0.8 %.
TEST(ExpositionHistogram, IsWithinItsStatedErrorOfTheExactQuantile) {
  std::mt19937_64 random(3);
  const double bounds[] = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60};
  for (int round = 0; round < 100; ++round) {
    std::lognormal_distribution<> usual(std::uniform_real_distribution<>(-5, 1)(random), 1);
    std::vector<double> exact(1 + random() % 2000);
    for (auto& x : exact) x = std::min(usual(random), 59.0);
    std::ranges::sort(exact);
    Cumulative h;
    for (auto b : bounds) h[b] = static_cast<double>(std::ranges::upper_bound(exact, b) - exact.begin());
    h[kInf] = static_cast<double>(exact.size());
    auto sketch = to_sketch(h, 1);
    ASSERT_EQ(sketch.count(), exact.size());
    for (double q : {.5, .9, .95, .99}) {
      auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(exact.size()))) - 1;
      EXPECT_NEAR(seconds(sketch.quantile(q)), exact[rank], *resolution(h, q, 1) + .016 * exact[rank] + 1e-5);
    }
  }
}

}  // namespace
}  // namespace davy::signals
