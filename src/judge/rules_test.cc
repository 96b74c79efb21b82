#include "judge/rules.h"

#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;

constexpr Time at(Duration d) { return Time(d); }

TEST(Held, IsInclusiveAsInPrometheus) {
  Held held(5min);
  EXPECT_FALSE(held.see(Holds::yes, at(0s)));
  EXPECT_FALSE(held.see(Holds::yes, at(5min - 1ms)));
  EXPECT_TRUE(held.see(Holds::yes, at(5min)));
  EXPECT_TRUE(held.see(Holds::yes, at(6min)));
}

TEST(Held, WithoutForItActsAtOnce) { EXPECT_TRUE(Held(0s).see(Holds::yes, at(0s))); }

TEST(Held, OneMissStartsAnewAndSoDoesMissingData) {
  for (auto miss : {Holds::no, Holds::cannot_tell}) {
    Held held(10s);
    held.see(Holds::yes, at(0s));
    EXPECT_FALSE(held.see(miss, at(9s)));
    EXPECT_FALSE(held.see(Holds::yes, at(10s)));
    EXPECT_FALSE(held.see(Holds::yes, at(19s)));
    EXPECT_TRUE(held.see(Holds::yes, at(20s)));
  }
}

TEST(Held, TimeThatNobodyWatchedCountsNeitherForNorAgainst) {
  Held held(10s);
  held.see(Holds::yes, at(0s));
  held.see(Holds::yes, at(6s));
  held.skip(100s);
  EXPECT_FALSE(held.see(Holds::yes, at(109s)));
  EXPECT_TRUE(held.see(Holds::yes, at(110s)));
}

struct Scene {
  Rolling rolling{60s};
  run::Subject who = subject();
  Baselines baselines;
  Windows windows{1s};
  Stand stand() { return {who, rolling, baselines, nullptr, {}}; }
};

TEST(Finding, BaselineIsThePreviousReleaseBesideElseWhatWasFrozen) {
  Scene s;
  s.rolling.see(s.windows.next(tally(100, 0, 30ms)));
  auto rule = condition("latency.p95 > 150% of baseline");
  EXPECT_EQ(find(rule, s.stand()).holds, Holds::cannot_tell);
  s.baselines.before = Windows(60s).next({}, tally(1000, 0, 25ms));
  EXPECT_EQ(find(rule, s.stand()).holds, Holds::no) << "30 against 25";
  s.rolling.see(s.windows.next({}, tally(1000, 0, 10ms)));
  EXPECT_EQ(find(rule, s.stand()).holds, Holds::yes) << "30 against 10";
}

TEST(Finding, ASickDatabaseIsNotTheCandidatesFault) {
  Scene s;
  s.rolling.see(s.windows.next(tally(100, 30), tally(1900, 560)));
  auto found = find(condition("error_rate > 5%"), s.stand());
  EXPECT_EQ(found.holds, Holds::yes);
  EXPECT_TRUE(found.as_sick);
  EXPECT_EQ(kind_of(run::Consequence::roll_back, found), Kind::hold);
}

TEST(Finding, WhatBothBreakByChanceIsNobodysSickness) {
  Scene s;
  s.rolling.see(s.windows.next(tally(60, 4), tally(120, 7)));  // 4 % of both would do
  auto found = find(condition("error_rate > 5% for 30s"), s.stand(), false);
  EXPECT_NE(found.holds, Holds::yes);
  s.rolling.see(s.windows.next(tally(600, 80), tally(1200, 160)));
  EXPECT_EQ(find(condition("error_rate > 5% for 30s"), s.stand(), false).holds, Holds::yes);
}

TEST(Finding, JustBelowTheThresholdIsAsSick) {
  Scene s;
  s.rolling.see(s.windows.next(tally(100, 6), tally(1900, 94)));
  EXPECT_TRUE(find(condition("error_rate > 5%"), s.stand()).as_sick);
}

TEST(Finding, AThresholdWithoutForIsBrokenAtOnce) {
  Scene s;
  s.rolling.see(s.windows.next(tally(60, 4), tally(1140, 2)));
  EXPECT_EQ(find(condition("error_rate > 5%"), s.stand()).holds, Holds::yes);
}

TEST(Finding, AThresholdThatChanceBreaksIsNotBroken) {
  Scene s;
  s.rolling.see(s.windows.next(tally(60, 4), tally(1140, 22)));
  auto found = find(condition("error_rate > 5% for 30s"), s.stand());
  EXPECT_EQ(found.holds, Holds::cannot_tell) << "4 of 60, where one in fifty fails";
  EXPECT_EQ(found.seen.lacking, "it may be chance so far");
  s.rolling.see(s.windows.next(tally(60, 20), tally(1140, 22)));
  EXPECT_EQ(find(condition("error_rate > 5% for 30s"), s.stand()).holds, Holds::yes);
}

TEST(Finding, WhereATestKnowsAThresholdAsksIt) {
  Scene s;
  s.rolling.see(s.windows.next(tally(60, 20), tally(1140, 2)));
  EXPECT_EQ(find(condition("error_rate > 5% for 30s"), s.stand(), false).holds, Holds::cannot_tell)
      << "they may be one client's";
  EXPECT_EQ(find(condition("error_rate > 5% for 30s"), s.stand(), true).holds, Holds::yes);
}

TEST(Finding, OnceNobodyServesBesideAThresholdIsHeldAgainstTheMinuteBefore) {
  Scene s;
  s.rolling.see(s.windows.next(tally(120, 8)));
  EXPECT_EQ(find(condition("error_rate > 5% for 30s"), s.stand()).holds, Holds::yes) << "nothing is known of before";
  s.baselines.before = Windows(60s).next({}, tally(120, 2));
  EXPECT_EQ(find(condition("error_rate > 5% for 30s"), s.stand()).holds, Holds::cannot_tell);
  s.rolling.see(s.windows.next(tally(120, 40)));
  EXPECT_EQ(find(condition("error_rate > 5% for 30s"), s.stand()).holds, Holds::yes);
}

TEST(Finding, WhatThePreviousReleaseBrokeBeforeIsNotTheCandidates) {
  Scene s;
  s.rolling.see(s.windows.next(tally(120, 100)));
  s.baselines.before = Windows(60s).next({}, tally(120, 90));
  auto found = find(condition("error_rate > 5% for 30s"), s.stand());
  EXPECT_EQ(found.holds, Holds::yes);
  EXPECT_TRUE(found.as_sick);
}

TEST(Finding, AFewSlowAnswersOfFewAreChanceWhereTheyAreUsualBeside) {
  Scene s;
  auto some_slow = [](std::uint64_t slow, std::uint64_t quick) {
    auto out = tally(slow, 0, 3s);
    out.merge(tally(quick, 0, 10ms));
    return out;
  };
  s.rolling.see(s.windows.next(some_slow(4, 56), some_slow(46, 1094)));
  EXPECT_EQ(find(condition("latency.p95 > 2s for 30s"), s.stand()).holds, Holds::cannot_tell) << "4 of 60, beside 4 %";
  s.rolling.see(s.windows.next(some_slow(30, 30), some_slow(46, 1094)));
  EXPECT_EQ(find(condition("latency.p95 > 2s for 30s"), s.stand()).holds, Holds::yes);
}

TEST(Finding, AHealthyPreviousReleaseMakesItTheCandidates) {
  Scene s;
  s.rolling.see(s.windows.next(tally(100, 30), tally(1900, 2)));
  EXPECT_FALSE(find(condition("error_rate > 5%"), s.stand()).as_sick);
  EXPECT_FALSE(find(condition("errors > 10"), s.stand()).as_sick);
}

TEST(Finding, MoreErrorsInMoreTrafficAreNotAsSick) {
  Scene s;
  s.rolling.see(s.windows.next(tally(100, 12), tally(9900, 12)));
  EXPECT_FALSE(find(condition("errors > 10"), s.stand()).as_sick);
}

TEST(Comparing, NumbersWordsAndRanges) {
  EXPECT_EQ(compared(condition("pool = 15..20"), {.number = 17.0}), Holds::yes);
  EXPECT_EQ(compared(condition("pool = 15..20"), {.number = 21.0}), Holds::no);
  EXPECT_EQ(compared(condition("health is healthy"), {.word = "healthy"}), Holds::yes);
  EXPECT_EQ(compared(condition("health is not healthy"), {.word = "healthy"}), Holds::no);
  EXPECT_EQ(compared(condition("health is healthy"), {.number = 3.0}), Holds::cannot_tell);
  EXPECT_EQ(compared(condition("rows < 3"), {}), Holds::cannot_tell);
  EXPECT_EQ(compared(condition("rows > 3"), {.number = std::nan("")}), Holds::cannot_tell);
  EXPECT_EQ(compared(condition("memory grows > 60 MB/min"), {.number = 1.1e6}), Holds::yes);
  EXPECT_EQ(compared(condition("memory grows > 60 MB/min"), {.number = 0.9e6}), Holds::no);
  EXPECT_EQ(compared(condition("memory grows < 60 MB/min"), {.number = 0.9e6}), Holds::yes);
  EXPECT_EQ(compared(condition("memory grows < 60 MB/min"), {.number = 1.1e6}), Holds::no);
  EXPECT_EQ(compared(condition("memory rises"), {.number = 0.0}), Holds::no);
}

}  // namespace
}  // namespace davy::judge
