#include "signals/traffic/missing_lines.h"

#include <gtest/gtest.h>

namespace davy::signals {
namespace {

using namespace std::chrono_literals;

// One look: `requests` ended since the look before, `lines` of them were told.
bool look(MissingLines& m, std::uint64_t requests, std::uint64_t lines, std::uint64_t inside = 0, Time now = {}) {
  m.came(lines);
  m.counted(requests, inside, now);
  return m.doubtful();
}

TEST(MissingLines, LinesThatComeALittleLaterAreNotMissing) {
  MissingLines m;
  EXPECT_FALSE(look(m, 400, 0));
  EXPECT_FALSE(look(m, 400, 0));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(look(m, 400, 400));
}

TEST(MissingLines, RequestsInsideAServerHaveNoLineYet) {
  MissingLines m;
  for (std::uint64_t i = 1; i < 100; ++i) EXPECT_FALSE(look(m, 50, 0, i * 50)) << i;  // all of them hang
}

TEST(MissingLines, SilenceIsDoubtedUntilALineComes) {
  MissingLines m;
  for (int i = 0; i < 10; ++i) look(m, 100, 100);
  int looks = 0;
  while (!look(m, 100, 0)) ASSERT_LT(++looks, 4);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(look(m, 0, 0)) << "nothing new was told";
  EXPECT_FALSE(look(m, 100, 100));
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(look(m, 100, 100)) << "what is lost is not told for ever";
}

TEST(MissingLines, AFewOfManyAreFoundInTheEnd) {
  MissingLines m;
  int doubts = 0;
  for (int i = 0; i < 100; ++i) doubts += look(m, 100, 95);
  EXPECT_GE(doubts, 10);
  EXPECT_LE(doubts, 25) << "500 lines are missing, 20 are forgiven each time";
}

TEST(MissingLines, WhatWasComparedIsSureTwoLooksLater) {
  MissingLines m(Time(1s));
  look(m, 100, 100, 0, Time(2s));
  look(m, 100, 100, 0, Time(3s));
  EXPECT_EQ(m.sure(), Time(1s));
  look(m, 100, 100, 0, Time(4s));
  EXPECT_EQ(m.sure(), Time(2s));
  m.begin_anew();
  EXPECT_EQ(m.sure(), Time(2s));
}

TEST(MissingLines, OtherServersBeginAnew) {
  MissingLines m;
  for (int i = 0; i < 5; ++i) look(m, 100, 0);
  EXPECT_TRUE(m.doubtful());
  m.begin_anew();
  EXPECT_FALSE(m.doubtful());
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(look(m, 0, 0));
}

}  // namespace
}  // namespace davy::signals
