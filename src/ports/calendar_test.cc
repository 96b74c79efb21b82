#include "ports/calendar.h"

#include <gtest/gtest.h>

namespace davy::ports {
namespace {

Time at(const char* utc) {
  int y, m, d, hour, minute;
  EXPECT_EQ(std::sscanf(utc, "%d-%d-%d %d:%d", &y, &m, &d, &hour, &minute), 5);
  auto days = std::chrono::sys_days(std::chrono::year(y) / m / d);
  return Time(days.time_since_epoch() + std::chrono::hours(hour) + std::chrono::minutes(minute));
}

Calendar calendar(std::string zone, std::vector<const char*> windows, std::vector<const char*> freezes = {}) {
  Calendar out{.zone = std::move(zone)};
  for (auto one : windows) out.windows.all.push_back(spec::parse_window(one).value());
  for (auto one : freezes) out.freeze.all.push_back(spec::parse_freeze(one, "holidays").value());
  return out;
}

void expect_opens(const Calendar& c, const char* now, const char* then) {
  auto found = opens(c, at(now));
  ASSERT_TRUE(found) << now;
  EXPECT_EQ(*found, at(then)) << "from " << now << " it is " << local_text(c.zone, *found);
}

TEST(Calendar, AWindowIsOpenWithinItAndOpensNextTime) {
  auto c = calendar("UTC", {"mon..thu 09:00..16:00"});
  expect_opens(c, "2026-11-30 10:00", "2026-11-30 10:00");  // a Monday
  expect_opens(c, "2026-11-30 08:59", "2026-11-30 09:00");
  expect_opens(c, "2026-11-30 16:00", "2026-12-01 09:00");
  expect_opens(c, "2026-12-03 16:00", "2026-12-07 09:00");  // Thursday: not on Friday
  expect_opens(calendar("UTC", {}), "2026-12-03 16:00", "2026-12-03 16:00");
}

TEST(Calendar, AWindowPastMidnightIsOfTheDayOnWhichItBegins) {
  auto c = calendar("UTC", {"fri 22:00..04:00"});
  expect_opens(c, "2026-12-05 03:00", "2026-12-05 03:00");  // Saturday
  expect_opens(c, "2026-12-05 04:00", "2026-12-11 22:00");
}

TEST(Calendar, OfSeveralTheFirstCounts) {
  auto c = calendar("UTC", {"sat 10:00..12:00", "02:00..04:00"});
  expect_opens(c, "2026-12-05 05:00", "2026-12-05 10:00");
  expect_opens(c, "2026-12-05 13:00", "2026-12-06 02:00");
}

TEST(Calendar, HoursAreThoseOfTheZone) {
  auto c = calendar("America/Chicago", {"09:00..16:00"});
  expect_opens(c, "2026-11-30 14:00", "2026-11-30 15:00");  // UTC-6
  expect_opens(c, "2026-07-01 13:00", "2026-07-01 14:00");  // UTC-5
}

TEST(Calendar, AnHourThatIsLeftOutBeginsWhenTheClockIsSetAndOneThatComesTwiceTheFirstTime) {
  auto c = calendar("Europe/Berlin", {"02:30..03:30"});
  expect_opens(c, "2027-03-28 00:00", "2027-03-28 01:00");  // 02:00 becomes 03:00
  expect_opens(c, "2026-10-24 22:00", "2026-10-25 00:30");  // 02:30 summer time
}

TEST(Calendar, OnFrozenDaysNothingOpens) {
  auto c = calendar("UTC", {"22:00..04:00"}, {"2026-12-20..2027-01-02"});
  expect_opens(c, "2026-12-19 23:00", "2026-12-19 23:00");
  expect_opens(c, "2026-12-20 01:00", "2027-01-03 00:00");  // in the window of the 2nd, past midnight
  EXPECT_TRUE(frozen(c, at("2027-01-02 23:59")));
  EXPECT_FALSE(frozen(c, at("2027-01-03 00:00")));
  EXPECT_EQ(frozen(c, at("2026-12-24 12:00"))->why, "holidays");
}

TEST(Calendar, AllDaysFrozenForYearsIsNever) {
  EXPECT_FALSE(opens(calendar("UTC", {}, {"2026-01-01..2099-01-01"}), at("2026-12-24 12:00")));
  EXPECT_FALSE(opens(calendar("No/Where", {}), at("2026-12-24 12:00")));
  EXPECT_FALSE(is_zone("No/Where"));
  EXPECT_TRUE(is_zone("America/Chicago"));
}

TEST(Calendar, WhatIsNoStretchIsRefused) {
  for (auto text : {"", "9:00..16:00", "09:00", "09:00..09:00", "24:00..01:00", "09:60..10:00", "mond 09:00..10:00",
                    "mon.. 09:00..10:00", "mon,, 09:00..10:00", "mon..thu", "09:00..25:00"})
    EXPECT_FALSE(spec::parse_window(text)) << text;
  for (auto text : {"", "2026-13-01", "2026-02-30", "2027-01-02..2026-12-20", "26-12-20", "2026-12-20.."})
    EXPECT_FALSE(spec::parse_freeze(text, "why")) << text;
  EXPECT_EQ(spec::parse_window("fri..mon 00:00..24:00")->days, 0b1110001);
}

TEST(Calendar, AMomentOfADayIsWhatTheClocksThereShow) {
  auto day = [](const char* utc) { return local_day("Europe/Berlin", at(utc)); };
  auto of = [](std::int32_t d, int hour, int minute) { return local_moment("Europe/Berlin", d, hour * 60 + minute); };
  EXPECT_EQ(day("2026-11-29 22:59"), day("2026-11-29 00:00"));
  EXPECT_EQ(day("2026-11-29 23:00"), day("2026-11-29 00:00") + 1);
  EXPECT_EQ(of(day("2026-11-29 12:00"), 6, 0), at("2026-11-29 05:00"));
  EXPECT_EQ(of(day("2026-07-01 12:00"), 6, 0), at("2026-07-01 04:00"));
  // 02:30 is left out on 2026-03-29, and comes twice on 2026-10-25.
  EXPECT_EQ(of(day("2026-03-29 12:00"), 2, 30), at("2026-03-29 01:00"));
  EXPECT_EQ(of(day("2026-10-25 12:00"), 2, 30), at("2026-10-25 00:30"));
}

}  // namespace
}  // namespace davy::ports
