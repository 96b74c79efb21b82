#include "engine/run/seeing.h"

#include <gtest/gtest.h>

namespace davy::engine {
namespace {

using namespace std::chrono_literals;

judge::Window window(Time to, std::string gap = {}) {
  return {.from = to - 100ms, .to = to, .complete = gap.empty(), .gap = std::move(gap)};
}

TEST(Seeing, NobodySeesBeforeTheFirstWholeWindow) {
  Seeing one;
  EXPECT_FALSE(one.sees(Time(1s)));
  one.see(window(Time(1s), "no lines"));
  EXPECT_FALSE(one.sees(Time(1s)));
  one.see(window(Time(2s)));
  EXPECT_TRUE(one.sees(Time(2s)));
}

TEST(Seeing, AWindowOfWhichSomethingIsMissingIsNoSignOfLife) {
  Seeing one;
  one.see(window(Time(1s)));
  one.see(window(Time(2s), "HAProxy counts requests of which no log line came"));
  EXPECT_FALSE(one.sees(Time(2s)));
  EXPECT_EQ(one.gap(), "HAProxy counts requests of which no log line came");
  one.see(window(Time(2100ms)));
  EXPECT_TRUE(one.sees(Time(2100ms)));
}

TEST(Seeing, OneBrokenWindowAmongTenIsNotBlindness) {
  Seeing one;
  one.see(window(Time(1s)));
  one.see(window(Time(1100ms), "a line was cut off"));
  EXPECT_TRUE(one.sees(Time(1100ms)));
}

TEST(Seeing, ThatNothingIsSeenIsToldOnceForEachStretchOfIt) {
  Seeing one;
  one.see(window(Time(1s), "no lines"));
  EXPECT_FALSE(one.news(Time(1s))) << "a moment is no blindness";
  one.see(window(Time(2500ms), "no lines"));
  EXPECT_EQ(one.news(Time(2500ms)), "no lines");
  EXPECT_FALSE(one.news(Time(5s))) << "it was told";
  one.see(window(Time(6s)));
  EXPECT_FALSE(one.news(Time(9s)));
  one.see(window(Time(10s), "no lines"));
  EXPECT_TRUE(one.news(Time(12s)));
}

}  // namespace
}  // namespace davy::engine
