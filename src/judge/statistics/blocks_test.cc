#include "judge/statistics/blocks.h"

#include <gtest/gtest.h>

namespace davy::judge {
namespace {
using namespace std::chrono_literals;

TEST(Loops, NothingSeenIsNoLoop) { EXPECT_DOUBLE_EQ(Loops().deflation(), 1.5); }

TEST(Loops, AClientMakesARequestEachThreeSecondsAtMost) {
  Loops loops;
  for (int i = 0; i < 600; ++i) loops.see(2000, 1s);
  EXPECT_NEAR(loops.deflation(), 1.5 * 200, 1e-6);
}

TEST(Loops, AndNoMoreThanThreeInTwoHundredOfAll) {
  Loops loops;
  for (int i = 0; i < 600; ++i) loops.see(2, 1s);
  EXPECT_NEAR(loops.errors(), 18, 1e-6);
  EXPECT_NEAR(loops.deflation(), 1.5 * 18, 1e-6);
}

TEST(Loops, LastsNoLongerThanAStretch) {
  Loops loops;
  for (int i = 0; i < 100'000; ++i) loops.see(2000, 1s);
  EXPECT_NEAR(loops.deflation(), 1.5 * 256, 1e-6);
}

TEST(Loops, WhatCameEvenlyInManyStretchesIsNone) {
  Loops loops;
  for (int i = 0; i < 28'800; ++i) {
    loops.see(2000 * 3, 3s);
    loops.see_block(i % 2 == 0 ? 1 : -1, 1, 3s);
  }
  EXPECT_LT(loops.deflation(), 1.5 * 4) << "after a day";
}

TEST(Loops, WhatCameUnevenlyInLongStretchesIs) {
  Loops loops;
  for (int i = 0; i < 28'800; ++i) {
    loops.see(2000 * 3, 3s);
    loops.see_block(i / 256 % 2 == 0 ? 1 : -1, 1, 3s);
  }
  EXPECT_GT(loops.deflation(), 1.5 * 200);
}

// What `davy plan` promises by is the sum of what the test itself divides by, moment by moment.
TEST(Loops, OverAWholeBakeIsTheSumOfItsMoments) {
  for (double rate : {0.5, 20.0, 2000.0})
    for (int length : {60, 600, 3600}) {
      Loops loops;
      double evidence = 0;
      for (int i = 0; i < length * 10; ++i) loops.see(rate / 10, 100ms), evidence += 0.1 / loops.deflation();
      EXPECT_NEAR(Loops::deflation(rate, length) * evidence / length, 1, 0.01) << rate << " req/s, " << length << " s";
    }
}

TEST(Blocks, StrangersNeedAsMuchAsOneOfThemMayDoAndClientsWhoAreKnownDoNot) {
  constexpr double grid[] = {2, 5, 10};
  Blocks known(grid, 1.25, Measured::bursts), strangers(grid, 1.25, Measured::bursts);
  for (int i = 0; i < 200; ++i) {
    Split s{.own = 2, .other = 6, .share = 0.05, .own_requests = 300, .other_requests = 5700};
    known.see(s, 3s, Events::independent), strangers.see(s, 3s, Events::of_strangers);
  }
  EXPECT_GT(known.evidence(), 1e6);
  EXPECT_LT(strangers.evidence(), 1000);
}

}  // namespace
}  // namespace davy::judge
