#include "signals/traffic/figures.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace davy::signals {
namespace {
using namespace std::chrono_literals;

Time time_of(std::string_view text, Duration zone = {}) {
  Time out;
  EXPECT_TRUE(read_time(text, zone, out)) << text;
  return out;
}
Duration latency_of(std::string_view text, Duration unit = 1s) {
  Duration out{};
  EXPECT_TRUE(read_latency(text, unit, out)) << text;
  return out;
}

TEST(Figures, FewDigitsAreThoseOfALoop) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 200'000; ++i) {
    std::string text = std::to_string(random() % 1'000'000'000).substr(0, random() % 10) + " and what follows";
    auto size = text.find(' ');
    if (random() % 4 == 0) text[random() % text.size()] = static_cast<char>(random());
    std::string_view token(text.data(), size);
    std::int64_t fast = -1, slow = -1;
    auto read = read_few_digits(token, text.data() + text.size(), fast);
    ASSERT_EQ(read, read_digits(token, slow)) << token;
    if (read) EXPECT_EQ(fast, slow) << token;
  }
}

TEST(Figures, TimesOfEverySpellingAreTheSameMoment) {
  auto moment = Time(1795255202s);
  for (auto text : {"21/Nov/2026:10:00:02 +0000", "21/Nov/2026:11:00:02 +0100", "21/Nov/2026:04:30:02 -0530",
                    "21/Nov/2026:10:00:02", "2026-11-21T10:00:02Z", "2026-11-21T10:00:02", "2026-11-21 10:00:02",
                    "2026-11-21T11:00:02+01:00", "2026-11-21T11:00:02+0100", "1795255202", "1795255202.000",
                    "1795255202000", "1795255202000000", "1795255202000000000"})
    EXPECT_EQ(time_of(text), moment) << text;
  EXPECT_EQ(time_of("21/Nov/2026:11:00:02", 1h), moment) << "the zone is for those that have none";
  EXPECT_EQ(time_of("21/Nov/2026:10:00:02 +0000", 1h), moment);
  EXPECT_EQ(time_of("21/Nov/2026:10:00:02.123"), moment + 123ms);
  EXPECT_EQ(time_of("2026-11-21T10:00:02.5Z"), moment + 500ms);
  EXPECT_EQ(time_of("1795255202.25"), moment + 250ms);
  EXPECT_EQ(time_of("1795255202000.5"), moment + 500us);
}

TEST(Figures, DatesAreTheCalendars) {
  using namespace std::chrono;
  std::mt19937_64 random(5);
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  for (int i = 0; i < 20'000; ++i) {
    auto t = sys_seconds(std::chrono::seconds(random() % 9'000'000'000));
    year_month_day day(floor<days>(t));
    auto clock = t - floor<days>(t);
    auto text =
        fmt::format("{:02}/{}/{}:{:02}:{:02}:{:02} +0000", unsigned(day.day()), kMonths[unsigned(day.month()) - 1],
                    int(day.year()), clock / 1h, clock % 1h / 1min, (clock % 1min).count());
    EXPECT_EQ(time_of(text), Time(t)) << text;
    EXPECT_EQ(time_of(timestamp(Time(t))), Time(t));
  }
}

TEST(Figures, WhatIsNoTimeIsNone) {
  Time out;
  for (auto text : {"", "-", "x", "21/Nov/2026", "21/Xyz/2026:10:00:02 +0000", "21/Nov/1969:10:00:02 +0000",
                    "21/Nov/2026:24:00:02 +0000", "21/Nov/2026:10:60:02 +0000", "21/Nov/2026:10:00:02 +00",
                    "2026-13-21T10:00:02Z", "2026-11-21T10:00", "2026-11-21T10:00:02 CET", "99999999999999999999",
                    "179525520x", "-5", "1795255202.x", "0.0391", "39", "946684799"})
    EXPECT_FALSE(read_time(text, {}, out)) << text;
}

TEST(Figures, Latencies) {
  EXPECT_EQ(latency_of("0.012"), 12ms);
  EXPECT_EQ(latency_of("12"), 12s);
  EXPECT_EQ(latency_of("12345", 1us), 12345us);
  EXPECT_EQ(latency_of("25", 1ms), 25ms);
  EXPECT_EQ(latency_of("25.5", 1ms), 25500us);
  EXPECT_EQ(latency_of("0.000929675"), 929675ns);
  EXPECT_EQ(latency_of("1e-05"), 10us);
  EXPECT_EQ(latency_of("1.5ms"), 1500us);
  EXPECT_EQ(latency_of("2m3s"), 123s);
  EXPECT_EQ(latency_of("250µs"), 250us);
}

TEST(Figures, WhatALogCutsIsHalfOfItsLastPlaceNeverZero) {
  EXPECT_EQ(latency_of("0.000"), 500us);
  EXPECT_EQ(latency_of("0"), 500ms);
  EXPECT_EQ(latency_of("0", 1us), 500ns);
  EXPECT_EQ(latency_of("0", 1ns), 1ns);
}

TEST(Figures, WhatIsNoLatencyIsNone) {
  Duration out{};
  for (auto text : {"", "-", "-1", "x", "1x", "1.5parsec", "nan", "inf", "1e", ".5", "1 s"})
    EXPECT_FALSE(read_latency(text, 1s, out)) << text;
}

TEST(Figures, HugeNumbersAreTheLongestLatency) {
  for (auto text : {"99999999999999999999999999", "1e300", "999999999h", "31536001"})
    EXPECT_EQ(latency_of(text), kLongestLatency) << text;
}

TEST(Figures, QuickLatenciesAreThoseOfTheSlowWay) {
  for (int ms = 0; ms < 10'000; ++ms) {
    auto text = fmt::format("{}.{:03}", ms / 1000, ms % 1000);
    Duration fast{}, slow{};
    ASSERT_TRUE(read_latency_fast(text, std::chrono::seconds(1), fast)) << text;
    ASSERT_TRUE(read_latency(text, std::chrono::seconds(1), slow));
    EXPECT_EQ(fast, slow) << text;
  }
  for (std::string_view text : {"", "-", "1", "12.50", ".1234", "1.2e1", "1.23x", "x.123", "1,234", "12345"}) {
    Duration fast{}, slow{};
    EXPECT_EQ(read_latency_fast(text, std::chrono::seconds(1), fast), read_latency(text, std::chrono::seconds(1), slow))
        << text;
    EXPECT_EQ(fast, slow) << text;
  }
}

TEST(Figures, TimesAreTheSameWhateverWasReadBefore) {
  TimeReader reader;
  std::string_view texts[] = {"21/Nov/2026:11:00:02 +0100", "21/Nov/2026:11:00:02 +0200",  "21/Nov/2026:11:00:03 +0100",
                              "21/Xov/2026:11:00:02 +0100", "2026-11-21T10:00:02+00:00",   "1795225844.763",
                              "1795225844.7635521",         "2026-11-21T10:00:02.123456Z", "",
                              "garbage of sixteen"};
  for (auto a : texts)
    for (auto b : texts) {
      Time fast, slow;
      reader.read(a, {}, fast);
      auto read = read_time(b, {}, slow);
      ASSERT_EQ(reader.read(b, {}, fast), read) << b;
      if (read) {
        EXPECT_EQ(fast, slow) << a << ", then " << b;
      }
    }
}

}  // namespace
}  // namespace davy::signals
