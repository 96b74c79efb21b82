#include "judge/numbers/sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <span>

namespace davy::judge {
namespace {
using namespace std::chrono_literals;

// The oracle: every value, sorted.
Duration exact(std::vector<Duration> all, double q) {
  std::sort(all.begin(), all.end());
  auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(all.size())));
  return all[std::max<std::size_t>(rank, 1) - 1];
}

std::vector<Duration> latencies(std::uint64_t seed, std::size_t n) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<> usual(std::log(12e6), 1.0);
  std::vector<Duration> out;
  while (out.size() < n) out.push_back(Duration(static_cast<std::int64_t>(usual(random)) + 1000));
  return out;
}

Sketch sketch_of(std::span<const Duration> all) {
  Sketch out;
  for (auto d : all) out.add(d);
  return out;
}

TEST(Sketch, AMeanIsWithinOnePercentOfTheExactOneAndNoQuantile) {
  EXPECT_EQ(Sketch().mean(), Duration{});
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto all = latencies(seed, 500);
    double sum = 0;
    for (auto d : all) sum += seconds(d);
    auto truth = sum / static_cast<double>(all.size());
    EXPECT_NEAR(seconds(sketch_of(all).mean()), truth, truth * 0.01) << seed;
  }
}

TEST(Sketch, QuantilesAreWithinOnePercentOfExactOnes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto all = latencies(seed, 20 + 500 * seed);
    auto sketch = sketch_of(all);
    for (double q : {0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
      auto truth = seconds(exact(all, q));
      EXPECT_NEAR(seconds(sketch.quantile(q)), truth, truth * 0.01) << "seed " << seed << " q " << q;
    }
  }
}

TEST(Sketch, MergingIsExactInAnyOrderAndGrouping) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    auto all = latencies(seed, 300);
    std::span<const Duration> s(all);
    auto a = sketch_of(s.first(seed)), b = sketch_of(s.subspan(seed, 100)), c = sketch_of(s.subspan(seed + 100));
    Sketch ab = a, bc = b, cba = c;
    ab.merge(b), ab.merge(c);
    bc.merge(c);
    Sketch a_bc = a;
    a_bc.merge(bc);
    cba.merge(b), cba.merge(a);
    EXPECT_EQ(ab, sketch_of(s));
    EXPECT_EQ(a_bc, ab);
    EXPECT_EQ(cba, ab);
  }
}

// Any pieces, of any latencies, empty ones too, put together in any order and grouping, are the sketch of the whole.
TEST(Sketch, PiecesMergeToTheWholeHoweverTheyAreShuffledAndGrouped) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<Duration> all;
    std::vector<Sketch> pieces(1 + random() % 12);
    for (auto n = random() % 400; n > 0; --n) {
      auto octave = random() % 50;  // from nothing to beyond what is covered
      all.push_back(Duration(static_cast<std::int64_t>(random() % (std::uint64_t{2} << octave))));
      pieces[random() % pieces.size()].add(all.back());
    }
    auto whole = sketch_of(all);
    std::ranges::shuffle(pieces, random);
    while (pieces.size() > 1) {  // two neighbours become one, anywhere
      auto at = random() % (pieces.size() - 1);
      auto next = pieces.begin() + static_cast<std::ptrdiff_t>(at) + 1;
      if (random() % 2) std::swap(pieces[at], *next);
      pieces[at].merge(*next);
      pieces.erase(next);
    }
    ASSERT_EQ(pieces.front(), whole) << "seed " << seed;
    ASSERT_EQ(pieces.front().text(), whole.text());
    auto doubled = whole;
    doubled.merge(whole), doubled.remove(whole);
    ASSERT_EQ(doubled, whole) << "what was merged is forgotten without a trace";
  }
}

TEST(Sketch, CountsFromABucketExactly) {
  auto all = latencies(9, 3000);
  auto sketch = sketch_of(all);
  for (std::size_t bucket = 0; bucket < 2304; bucket += 7) {
    auto edge = Sketch::lower_end(bucket);
    auto beyond = std::ranges::count_if(all, [&](Duration d) { return d >= edge; });
    ASSERT_EQ(sketch.count_from(bucket), static_cast<std::uint64_t>(beyond)) << bucket;
    ASSERT_EQ(sketch.count_from(bucket) - sketch.count_from(bucket + 1), sketch.in(bucket));
    ASSERT_EQ(Sketch::bucket_of(edge), bucket);
    ASSERT_EQ(Sketch::bucket_of(edge - Duration(1)), bucket == 0 ? 0 : bucket - 1);
  }
}

TEST(Sketch, QuantilesOfMixturesAreWithinOnePercentToo) {
  std::mt19937_64 random(4);
  for (double slower : {3.0, 30.0, 1000.0}) {
    std::vector<Duration> all;
    std::lognormal_distribution<> fast(std::log(2e6), 0.4), slow(std::log(2e6 * slower), 0.6);
    for (int i = 0; i < 20'000; ++i) all.push_back(Duration(static_cast<std::int64_t>((i % 20 ? fast : slow)(random))));
    auto sketch = sketch_of(all);
    for (double q = 0.01; q < 1; q += 0.01) {
      auto truth = seconds(exact(all, q));
      ASSERT_NEAR(seconds(sketch.quantile(q)), truth, truth * 0.01) << q << " of " << slower;
    }
  }
}

TEST(Sketch, ForgetsExactlyWhatItIsToldToForget) {
  auto all = latencies(7, 400);
  std::span<const Duration> s(all);
  auto rolling = sketch_of(s);
  rolling.remove(sketch_of(s.first(150)));
  EXPECT_EQ(rolling, sketch_of(s.subspan(150)));
  rolling.remove(sketch_of(s.subspan(150)));
  EXPECT_EQ(rolling, Sketch{});
}

TEST(Sketch, TextComesBackAsItWas) {
  auto sketch = sketch_of(latencies(3, 1000));
  EXPECT_EQ(Sketch::from_text(sketch.text()), sketch);
  EXPECT_EQ(Sketch::from_text(""), Sketch{});
}

TEST(Sketch, TextNamesABucketOnceForARunOfThem) {
  Sketch sketch;
  for (std::size_t bucket : {1000, 1001, 1001, 1004, 1010}) sketch.add(Sketch::lower_end(bucket));
  EXPECT_EQ(sketch.text(), "1000:1,2,,,1,1010:1");
  EXPECT_EQ(Sketch::from_text("1000:1,2,,,1,1010:1"), sketch);
  EXPECT_EQ(Sketch::from_text("1000:1,1001:2,1004:1,1010:1"), sketch) << "as it was written before";
}

TEST(Sketch, TextThatIsGarbageIsAnEmptySketch) {
  for (auto text : {"x", "1", "1:", "1:2,", ":", "1:2:3", "99999999:1", "-1:2", "1:-2", "1:2,x:1", "1:99999999999",
                    ",1", "2303:1,1", "1:1,,"})
    EXPECT_EQ(Sketch::from_text(text), Sketch{}) << text;
}

TEST(Sketch, WhatLiesOutsideIsCountedAtTheEdge) {
  Sketch sketch;
  sketch.add(-5s);
  sketch.add(0s);
  sketch.add(1h * 24 * 365);
  EXPECT_EQ(sketch.count(), 3u);
  EXPECT_LT(sketch.quantile(0.5), 1us);
  EXPECT_GT(sketch.max(), 9h);
}

TEST(Sketch, EmptyAnswersZero) {
  EXPECT_EQ(Sketch{}.quantile(0.95), 0s);
  EXPECT_EQ(Sketch{}.max(), 0s);
  EXPECT_EQ(Sketch{}.share_above(1s), 0);
}

TEST(Sketch, ShareAboveAThreshold) {
  Sketch sketch;
  sketch.add(10ms, 90);
  sketch.add(1s, 10);
  EXPECT_NEAR(sketch.share_above(500ms), 0.1, 1e-9);
  EXPECT_NEAR(sketch.share_above(5ms), 1.0, 1e-9);
  EXPECT_NEAR(sketch.share_above(2s), 0.0, 1e-9);
}

TEST(Sketch, ABucketSaturatesInsteadOfStartingAnew) {
  Sketch sketch;
  sketch.add(1ms, 5'000'000'000);
  sketch.add(1ms, 5);
  EXPECT_EQ(sketch.count(), 5'000'000'005u);
  EXPECT_NEAR(seconds(sketch.quantile(1)), 0.001, 1e-5);
}

}  // namespace
}  // namespace davy::judge
