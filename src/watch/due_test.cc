#include "watch/watch_testing.h"

namespace davy::watch {
namespace {

std::vector<Duration> all_due(const run::When& when, Duration until, const Zone& zone) {
  std::vector<Duration> out;
  for (auto t = next_due(when, at(0s), at(0s), zone); t && *t <= at(until); t = next_due(when, at(0s), *t, zone))
    out.push_back(*t - at(0s));
  return out;
}

TEST(Due, OnceIsOnce) {
  run::When when{.after = 5min};
  EXPECT_THAT(all_due(when, 24h, Berlin{}), ::testing::ElementsAre(5min));
  EXPECT_EQ(due_between(when, at(0s), at(0s), at(4min), Berlin{}).times, 0);
  EXPECT_EQ(due_between(when, at(0s), at(5min), at(9min), Berlin{}).times, 0) << "looked at already";
}

TEST(Due, BeatsFollowOneAnother) {
  run::When when{.beats = {{1min, 3min}, {5min, 10min}}};
  EXPECT_THAT(all_due(when, 24h, Berlin{}), ::testing::ElementsAre(1min, 2min, 3min, 8min, 13min));
}

TEST(Due, BeatsWithoutAnEndGoOnForGood) {
  run::When when{.beats = {{1h, {}}}};
  EXPECT_EQ(next_due(when, at(0s), at(10'000h), Berlin{}), at(10'001h));
}

// Years of minutes are counted, not walked; and what is counted is what would have been walked.
TEST(Due, ManyAreCounted) {
  run::When when{.beats = {{1min, 1h}, {7min, 7h}, {13s, {}}}};
  for (auto [from, to] :
       {std::pair<Duration, Duration>{0s, 59min}, {59min, 61min}, {61min, 9h}, {8h, 9h}, {3min, 3min}}) {
    auto stretch = due_between(when, at(0s), at(from), at(to), Berlin{});
    std::vector<Duration> walked;
    for (auto t : all_due(when, to, Berlin{}))
      if (t > from) walked.push_back(t);
    ASSERT_EQ(stretch.times, std::ssize(walked)) << human(from) << ".." << human(to);
    if (walked.empty()) continue;
    EXPECT_EQ(stretch.first, at(walked.front()));
    EXPECT_EQ(stretch.last, at(walked.back()));
  }
  EXPECT_EQ(due_between(when, at(0s), at(0s), at(24h * 3650), Berlin{}).times, 60 + 60 + (24h * 3650 - 8h) / 13s);
}

TEST(Due, EachDayAtAnHourOfTheZone) {
  Berlin winter;
  EXPECT_EQ(next_due({.every = run::Every::day, .at = 6 * 60}, at(0s), at(0s), winter), at(17h));  // 06:00 is 05:00 UTC
}

TEST(Due, AnHourThatIsLeftOutIsTheNextAndOneThatComesTwiceIsOnce) {
  Berlin zone;
  zone.summer = kDay + 2, zone.winter = kDay + 4;
  run::When when{.every = run::Every::day, .at = 2 * 60 + 30};
  auto midnight = [](int day) { return at(day * 24h - 12h); };
  // Of the day on which clocks go on from 02:00 to 03:00 (01:00 UTC), then 02:30 of summer, then the first 02:30.
  EXPECT_EQ(next_due(when, at(0s), midnight(2), zone), midnight(2) + 1h);
  EXPECT_EQ(next_due(when, at(0s), midnight(3), zone), midnight(3) + 30min);
  EXPECT_EQ(next_due(when, at(0s), midnight(4), zone), midnight(4) + 30min);
  EXPECT_EQ(next_due(when, at(0s), midnight(4) + 30min, zone), midnight(5) + 90min)
      << "02:30 comes again, and is no news";
}

TEST(Due, DaysOfWeeksAndMonths) {
  Berlin zone;
  EXPECT_EQ(next_due({.every = run::Every::week, .day = 1, .at = 0}, at(0s), at(0s), zone), at(3 * 24h - 13h));
  // 2024-10-31, then the last day of November.
  run::When last{.every = run::Every::month, .day = 31, .at = 0};
  EXPECT_EQ(next_due(last, at(0s), at(0s), zone), at(27 * 24h - 13h));
  EXPECT_EQ(next_due(last, at(0s), at(27 * 24h), zone), at(57 * 24h - 13h));
}

TEST(Due, IsSaidInWords) {
  EXPECT_EQ(in_words({.after = 5min}), "5m after the rollout");
  EXPECT_EQ(in_words({.beats = {{1min, 1h}, {5min, {}}}}), "every 1m for 1h, then every 5m");
  EXPECT_EQ(in_words({.every = run::Every::week, .day = 1, .at = 545}), "each Monday at 09:05");
  EXPECT_EQ(in_words({.every = run::Every::month, .day = 31, .at = 0}), "on the last day of each month at 00:00");
}

}  // namespace
}  // namespace davy::watch
