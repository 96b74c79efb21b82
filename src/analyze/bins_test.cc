#include "analyze/bins.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace davy::analyze {
namespace {
using namespace std::chrono_literals;

struct Count {
  int n = 0;
  void merge(const Count& other) { n += other.n; }
};

TEST(Bins, DoubleTheirWidthWhenThereWouldBeTooMany) {
  Bins<Count> bins(10);
  for (int second = 0; second < 100; ++second) ++bins.at(Time(1000s + second * 1s)).n;
  EXPECT_EQ(bins.width(), 16s);
  EXPECT_LE(bins.size(), 10u);
  int all = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) all += bins[i].n;
  EXPECT_EQ(all, 100);
}

TEST(Bins, HoldWhatAMapHoldsInAnyOrderAndInPieces) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 50; ++round) {
    auto span = 1 + random() % 5'000'000;
    std::vector<Time> times;
    for (int i = 0; i < 300; ++i)
      times.push_back(Time(std::chrono::milliseconds(1'700'000'000'000 + random() % (1000 * span))));
    Bins<Count> one(60), first(60), second(60);
    for (std::size_t i = 0; i < times.size(); ++i) ++one.at(times[i]).n, ++(i % 2 ? first : second).at(times[i]).n;
    first.merge(second);
    ASSERT_EQ(one.width(), first.width());
    std::map<std::int64_t, int> slow;
    for (auto t : times) ++slow[t.time_since_epoch() / one.width()];
    for (auto* bins : {&one, &first})
      for (std::size_t i = 0; i < bins->size(); ++i)
        EXPECT_EQ((*bins)[i].n, slow[bins->time(i).time_since_epoch() / one.width()]);
  }
}

TEST(Bins, SurviveTheWholeOfTime) {
  Bins<Count> bins(100);
  ++bins.at(Time(-50000s)).n;
  ++bins.at(Time(8'999'999'999s)).n;
  ++bins.at(Time(1s)).n;
  EXPECT_LE(bins.size(), 100u);
  int all = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) all += bins[i].n;
  EXPECT_EQ(all, 3);
}

}  // namespace
}  // namespace davy::analyze
