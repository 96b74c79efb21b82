#include "engine/run/seeing.h"

#include <gtest/gtest.h>

namespace davy::engine {
namespace {

using namespace std::chrono_literals;

judge::Window window(Time to, std::string gap = {}) {
  return {.from = to - 100ms, .to = to, .complete = gap.empty(), .gap = std::move(gap)};
}

TEST(Seeing, NobodySeesBeforeTheFirstWholeWindow) {
  Seeing one(15s);
  EXPECT_FALSE(one.sees(Time(1s)));
  one.see(window(Time(1s), "no lines"));
  EXPECT_FALSE(one.sees(Time(1s)));
  one.see(window(Time(2s)));
  EXPECT_TRUE(one.sees(Time(2s)));
}

TEST(Seeing, AWindowOfWhichSomethingIsMissingIsNoSignOfLife) {
  Seeing one(15s);
  one.see(window(Time(1s)));
  one.see(window(Time(1100ms), "HAProxy counts requests of which no log line came"));
  EXPECT_FALSE(one.sees(Time(1100ms)));
  EXPECT_EQ(one.gap(), "HAProxy counts requests of which no log line came");
  one.see(window(Time(1200ms)));
  EXPECT_TRUE(one.sees(Time(1200ms)));
}

TEST(Seeing, WhereASlowSourceIsNeededTheGuardHearsALittleLonger) {
  Seeing one(90s);
  one.see(window(Time(1s)));
  one.see(window(Time(30s), "the exporter is away"));
  EXPECT_TRUE(one.sees(Time(75s)));
  EXPECT_FALSE(one.sees(Time(77s))) << "then the guard's own 15 s begin: 90 s in all";
}

}  // namespace
}  // namespace davy::engine
