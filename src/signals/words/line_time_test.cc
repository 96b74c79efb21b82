#include "signals/words/line_time.h"

#include <gtest/gtest.h>

namespace davy::signals {
namespace {

std::string time_in(std::string_view line) {
  auto time = line_time(line);
  return time ? timestamp(*time) : "none";
}

TEST(LineTime, IsWhatStandsInItWithItsZone) {
  EXPECT_EQ(time_in("2026-11-21T10:00:00Z ERROR no disk").substr(0, 19), "2026-11-21T10:00:00");
  EXPECT_EQ(time_in("2026-11-21 11:00:00.123+01:00 [main] INFO up").substr(0, 19), "2026-11-21T10:00:00");
  EXPECT_EQ(time_in("[2026-11-21T10:00:00.5+00:00] up").substr(0, 19), "2026-11-21T10:00:00");
  EXPECT_EQ(time_in("2026-11-21 10:00:00 UTC [42] LOG:  ready").substr(0, 19), "2026-11-21T10:00:00");
  EXPECT_EQ(time_in("10.0.0.1 - - [21/Nov/2026:10:00:00 +0000]"), "none") << "of an application, not of traffic";
  EXPECT_EQ(time_in(R"({"level":"info","ts":1795255200.25,"msg":"up"})").substr(0, 19), "2026-11-21T10:00:00");
  EXPECT_EQ(time_in(R"(time="2026-11-21T10:00:00Z" level=info msg=up)").substr(0, 19), "2026-11-21T10:00:00");
}

TEST(LineTime, IsUnknownWhereNoZoneIsSaid) {
  EXPECT_EQ(time_in("2026-11-21 10:00:00 ERROR no disk"), "none");
  EXPECT_EQ(time_in("Nov 21 10:00:00 host shop: up"), "none");
  EXPECT_EQ(time_in("    at shop.Main(Main.java:7)"), "none");
  EXPECT_EQ(time_in(""), "none");
  EXPECT_EQ(time_in(std::string(5000, '[')), "none");
}

}  // namespace
}  // namespace davy::signals
