#include "judge/statistics/ratio_mixture.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace davy::judge {
namespace {
using namespace std::chrono_literals;

constexpr std::array kGrid{1.5, 3.0, 10.0};

TEST(RatioMixture, SaysNothingBeforeAnythingHappened) {
  RatioMixture mixture(kGrid);
  EXPECT_NEAR(mixture.evidence(), 1, 1e-12);
  for (int i = 0; i < 1000; ++i) mixture.see({.share = 0.05}, 1, 100ms);
  EXPECT_NEAR(mixture.evidence(), 1, 1e-9);
}

// The textbook: every window kept, every start and every ratio multiplied out.
TEST(RatioMixture, EqualsTheTextbookSumWithDeflationAndCap) {
  struct Seen {
    Split split;
    double deflation, most;
  };
  auto later = [](int windows) { return 0.25 / std::sqrt(1 + windows * 3.0 / 60); };
  auto factor = [](const Seen& s, double r) {
    auto f = std::pow(r, s.split.own) / std::pow(1 - s.split.share + r * s.split.share, s.split.own + s.split.other);
    return std::min(s.most, std::pow(f, 1 / s.deflation));
  };
  std::mt19937_64 random(4);
  for (int run = 0; run < 20; ++run) {
    RatioMixture mixture(kGrid);
    std::vector<Seen> all;
    for (int w = 0; w < 30; ++w) {
      Seen s{{static_cast<double>(random() % 6), static_cast<double>(random() % 40), 0.05 + 0.01 * (w % 9)},
             1 + 0.5 * (w % 4),
             w % 2 ? 2.72 : RatioMixture::kUncapped};
      all.push_back(s);
      mixture.see(s.split, s.deflation, 3s, s.most);
      double sum = 0;
      for (double r : kGrid)
        for (int start = -1; start < static_cast<int>(all.size()); ++start) {
          double product = start < 0 ? 0.75 : later(start) - later(start + 1);
          for (auto i = static_cast<std::size_t>(std::max(start, 0)); i < all.size(); ++i) product *= factor(all[i], r);
          sum += product;
        }
      ASSERT_NEAR(mixture.evidence() / (sum / 3 + later(w + 1)), 1, 1e-9) << "run " << run << " window " << w;
    }
  }
}

// Likelihood ratios against the floor, below it for ratios below 1, and exact where events are no small part: the
// noncentral hypergeometric multiplied out in long double.
long double likelihood(int own, int other, int own_requests, int other_requests, long double odds) {
  auto choose = [](int n, int k) {
    long double out = 1;
    for (int i = 0; i < k; ++i) out = out * (n - i) / (i + 1);
    return out;
  };
  auto term = [&](int k) {
    return choose(own_requests, k) * choose(other_requests, own + other - k) * std::pow(odds, k);
  };
  long double all = 0;
  for (int k = std::max(0, own + other - other_requests); k <= std::min(own + other, own_requests); ++k) all += term(k);
  return term(own) / all;
}

TEST(RatioMixture, IsExactWhereEventsAreManyOfTheRequests) {
  constexpr std::array grid{2.0, 50.0, 1 / 2.0};
  std::mt19937_64 random(8);
  for (int run = 0; run < 200; ++run) {
    int own_requests = 1 + static_cast<int>(random() % 12), other_requests = 4 + static_cast<int>(random() % 20);
    int own = static_cast<int>(random()) & 0xff;
    own %= own_requests + 1;
    int other = static_cast<int>(random() % static_cast<unsigned>(other_requests + 1));
    if (own + other < 2) continue;
    RatioMixture mixture(grid, 1.25);
    double all = own_requests + other_requests;
    mixture.see({double(own), double(other), own_requests / all, double(own_requests), double(other_requests)}, 1, 1s);
    long double expected = 0, later = 0.25L / std::sqrt(1 + 1 / 60.0L);
    auto l = [&](long double odds) { return likelihood(own, other, own_requests, other_requests, odds); };
    for (auto [odds, null] : {std::pair{2.5L, 1.25L}, {62.5L, 1.25L}, {0.4L, 0.8L}})
      expected += l(odds) / l(null) * (1 - later) / 3;
    ASSERT_NEAR(mixture.evidence() / static_cast<double>(expected + later), 1, 1e-9) << run;
  }
}

TEST(RatioMixture, ADifferenceUpToTheFloorIsNeverEvidence) {
  RatioMixture mixture(kGrid, 1.25);
  for (int i = 0; i < 5000; ++i) mixture.see({12, 200, 0.05}, 1, 1s);  // 1.14 times as often
  EXPECT_LT(mixture.evidence(), 1);
}

TEST(RatioMixture, WhatWouldComeIsWhatComes) {
  RatioMixture mixture(kGrid);
  mixture.see({3, 20, 0.1}, 1, 1s);
  auto foretold = mixture.evidence({4, 5, 0.1}, 2, 5);
  mixture.see({4, 5, 0.1}, 2, Duration{}, 5);
  EXPECT_NEAR(mixture.evidence(), foretold, 1e-12 * foretold);
}

TEST(RatioMixture, HugeEvidenceStaysANumber) {
  RatioMixture mixture(kGrid);
  for (int i = 0; i < 100; ++i) mixture.see({1e6, 0, 0.05}, 1, 1s);
  EXPECT_GT(mixture.evidence(), 1e200);
  EXPECT_TRUE(std::isfinite(mixture.evidence()));
  EXPECT_TRUE(mixture.from_start());
}

TEST(RatioMixture, TellsWhetherItWasSoAllAlong) {
  RatioMixture mixture(kGrid);
  for (int i = 0; i < 2000; ++i) mixture.see({1, 19, 0.05}, 1, 1s);
  for (int i = 0; i < 20; ++i) mixture.see({10, 19, 0.05}, 1, 1s);
  EXPECT_GT(mixture.evidence(), 100);
  EXPECT_FALSE(mixture.from_start());
}

}  // namespace
}  // namespace davy::judge
