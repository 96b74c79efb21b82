#include "analyze/figures.h"

#include <gtest/gtest.h>

#include <random>

namespace davy::analyze {
namespace {

using namespace std::chrono_literals;

Duration any_latency(std::mt19937_64& random) {
  return random() % 20 == 0 ? Duration{} : Duration(static_cast<std::int64_t>(random() >> (10 + random() % 50)));
}

TEST(Latencies, AreASketch) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 20; ++round) {
    Latencies some, others;
    judge::Sketch sketch, slow;
    std::uint64_t n = random() % 3000;
    for (std::uint64_t i = 0; i < n; ++i) {
      auto latency = any_latency(random);
      (random() % 2 ? some : others).add(Latencies::place(latency));
      if (latency > Duration{}) slow.add(latency);
    }
    some.merge(others);
    some.add_to(sketch);
    EXPECT_EQ(some.count(), n);
    EXPECT_EQ(sketch, slow);
  }
}

TEST(Counts, AreFigures) {
  std::mt19937_64 random(5);
  Counts counts, others;
  Figures slow;
  for (int i = 0; i < 5000; ++i) {
    signals::Request line{.status = static_cast<int>(random() % 1000), .latency = any_latency(random)};
    line.bytes = static_cast<std::int64_t>(random() % 100) - 1;
    line.outcome = static_cast<signals::Outcome>(random() % 4);
    (random() % 2 ? counts : others).count(line, Latencies::place(line.latency));
    slow.count(line);
  }
  counts.merge(others);
  auto figures = counts.figures();
  EXPECT_EQ(figures.tally, slow.tally);
  EXPECT_EQ(figures.classes, slow.classes);
  EXPECT_EQ(figures.bytes, slow.bytes);
  EXPECT_EQ(figures.longest, slow.longest);
}

}  // namespace
}  // namespace davy::analyze
