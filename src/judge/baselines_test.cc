#include "judge/baselines.h"

#include "judge/numbers/windows_testing.h"
#include "judge/rules.h"

namespace davy::judge {
namespace {
using namespace testing;

Window minute_with(Duration latency, double memory, Time from) {
  Window w{.from = from, .to = from + 1min};
  w.releases[""] = tally(1000, 0, latency);
  w.numbers["memory"][""] = memory;
  return w;
}

TEST(MinuteBefore, OfAServiceThatGotItsUsersLaterIsItsOwn) {
  auto minute = [](std::uint64_t shops, std::uint64_t carts, double memory) {
    auto w = Windows(60s).next({}, tally(1000, shops));
    w.releases["cart@8"] = tally(1000, carts);
    w.numbers["memory"] = {{"cart@8", memory}, {kOld, memory}};
    return w;
  };
  auto before = minute(1, 1, 1e9), later = minute(500, 20, 2e9);
  take_minute_of({.service = "cart", .candidate = {.id = "cart@9"}, .previous = {.id = "cart@8"}}, later, before);
  EXPECT_EQ(before.releases[kOld].errors, 1U) << "the shop's candidate had users by then";
  EXPECT_EQ(before.releases["cart@8"].errors, 20U);
  EXPECT_EQ(before.numbers["memory"]["cart@8"], 2e9);
  EXPECT_EQ(before.numbers["memory"][kOld], 1e9);
}

TEST(Condensed, AddsTrafficAndTakesTheMeanOfGauges) {
  Windows windows(1s);
  std::vector<Window> all;
  for (double memory : {1.0, 2.0, 6.0}) {
    auto w = windows.next(tally(10), tally(90));
    w.numbers["memory"][kNew] = memory;
    all.push_back(w);
  }
  all[2].complete = false;
  auto out = condensed(all, 0s);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].releases[kNew].requests, 20U) << "what was not seen whole is left out";
  EXPECT_EQ(out[0].numbers["memory"][kNew], 1.5);
  EXPECT_EQ(as_service(out[0]).releases[""].requests, 200U);
  EXPECT_TRUE(condensed({}, 0s).empty());
}

TEST(Condensed, StretchesFollowEachOtherFromTheFirstWindowOn) {
  Windows windows(10s);
  std::vector<Window> all;
  for (int i = 0; i < 12; ++i) all.push_back(windows.next(tally(1)));
  windows.jump(1h);
  all.push_back(windows.next(tally(7)));
  auto out = condensed(all, 1min);
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[0].length(), 1min);
  EXPECT_EQ(out[1].releases[kNew].requests, 6U);
  EXPECT_EQ(out[2].releases[kNew].requests, 7U);
}

struct Beside {
  run::Subject who = subject();
  Rolling rolling{60s};
  Baselines baselines;
  Windows windows{1s};
  Time now() const { return rolling.now(); }
  Finding find(std::string_view text) {
    auto c = condition(text);
    return judge::find(c, Stand{who, rolling, baselines, nullptr, {}});
  }
};

TEST(Baselines, AConditionNamesWhatItIsComparedWith) {
  Beside s;
  s.baselines.before = minute_with(40ms, 1, Time(1h));
  s.baselines.recorded["quick"] = {.stretches = {minute_with(10ms, 1, Time(1h))}};
  s.rolling.see(s.windows.next(tally(100, 0, 30ms), tally(100, 0, 25ms)));
  EXPECT_EQ(s.find("latency.p95 > 110% of baseline").holds, Holds::yes) << "30 against 25";
  EXPECT_EQ(s.find("latency.p95 > 110% of previous").holds, Holds::yes);
  EXPECT_EQ(s.find("latency.p95 > 110% of before").holds, Holds::no) << "30 against 40";
  EXPECT_EQ(s.find("latency.p95 > 250% of quick").holds, Holds::yes) << "30 against 10";
  EXPECT_FALSE(s.find("latency.p95 > 250% of quick").as_sick) << "what is compared with another day blames as it says";
  EXPECT_EQ(s.find("latency.p95 > 250% of nothing").seen.lacking, "the baseline has nothing recorded as nothing");
}

TEST(Baselines, OfPreviousNeverFallsBackOnAnotherTime) {
  Beside s;
  s.baselines.before = minute_with(10ms, 1, Time(1h));
  s.rolling.see(s.windows.next(tally(100, 0, 30ms)));
  EXPECT_EQ(s.find("latency.p95 > 110% of previous").holds, Holds::cannot_tell);
  EXPECT_EQ(s.find("latency.p95 > 110% of baseline").holds, Holds::yes);
}

TEST(Baselines, TheSameHourOfAnotherDayMovesWithTheClock) {
  Beside s;
  s.rolling.see(s.windows.next(tally(100, 0, 30ms)));
  auto yesterday = s.now() - 24h;
  s.baselines.recorded["yesterday"] = {
      .ago = 24h, .stretches = {minute_with(10ms, 1, yesterday - 30s), minute_with(40ms, 1, yesterday + 30s)}};
  EXPECT_EQ(s.find("latency.p95 > 150% of yesterday").holds, Holds::yes) << "30 against 10";
  for (int i = 0; i < 60; ++i) s.rolling.see(s.windows.next(tally(100, 0, 30ms)));
  EXPECT_EQ(s.find("latency.p95 > 150% of yesterday").holds, Holds::no) << "30 against 40";
  for (int i = 0; i < 60; ++i) s.rolling.see(s.windows.next(tally(100, 0, 30ms)));
  EXPECT_EQ(s.find("latency.p95 > 150% of yesterday").seen.lacking, "the baseline has nothing recorded 24h ago");
}

TEST(Baselines, ComeWholeOutOfARunbook) {
  run::Runbook book{.subjects = {subject()}};
  book.baselines = {{.name = "yesterday", .ago = 24h, .stretches = {encode(minute_with(10ms, 3, Time(1h)))}},
                    {.name = "broken", .stretches = {"{"}}};
  auto baselines = baselines_of(book);
  EXPECT_EQ(baselines.recorded["yesterday"].stretches[0], minute_with(10ms, 3, Time(1h)));
  EXPECT_TRUE(baselines.recorded["broken"].stretches.empty());
  EXPECT_EQ(baseline_said(condition("latency.p95 > 150% of baseline"), book),
            "shop 2 beside it, else the minute before the candidate's first user");
  EXPECT_EQ(baseline_said(condition("latency.p95 > 150% of yesterday"), book), "yesterday, 24h before");
}

TEST(Bake, ComparesWithAnotherDay) {
  auto given = setup({});
  given.baselines.recorded["release-4"] = {.stretches = {minute_with(10ms, 100, Time(1h))}};
  for (auto [text, kind] : {std::pair("latency.p95 < 150% of release-4", Kind::hold),
                            {"memory < 120% of release-4", Kind::pass},
                            {"memory < 120% of release-5", Kind::cannot_tell}}) {
    Bake bake(given, {condition(text)}, 10s);
    Windows windows(1s);
    for (int i = 0; i < 10; ++i) {
      auto w = windows.next(tally(100, 0, 30ms), tally(100, 0, 30ms));
      w.numbers["memory"][kNew] = 110;
      bake.see(w);
    }
    EXPECT_EQ(bake.verdict().kind, kind) << text << ": " << bake.verdict().sentence;
  }
}

}  // namespace
}  // namespace davy::judge
