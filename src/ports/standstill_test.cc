#include "ports/standstill.h"

#include <gtest/gtest.h>

namespace davy::ports {
namespace {

using namespace std::chrono_literals;

TEST(Standstill, IsAStretchThatTookTenTimesAsLongAsItWasTo) {
  auto from = Time(0s);
  EXPECT_EQ(standstill(from, from + 100ms, 100ms), "");
  EXPECT_EQ(standstill(from, from + 990ms, 100ms), "");
  EXPECT_EQ(standstill(from, from + 11s, 100ms),
            "nobody read from 00:00:00 to 00:00:11 (11s): Davy or the machine stood still");
}

TEST(Standstill, ABusyMachineMayKeepAnybodyWaitingForLessThanASecond) {
  EXPECT_EQ(standstill(Time(0s), Time(900ms), 20ms), "");
  EXPECT_NE(standstill(Time(0s), Time(1s), 20ms), "");
}

TEST(Standstill, AWindowOfMinutesIsMeasuredByItself) {
  EXPECT_EQ(standstill(Time(0s), Time(5min), 1min), "");
  EXPECT_NE(standstill(Time(0s), Time(10min), 1min), "");
}

}  // namespace
}  // namespace davy::ports
