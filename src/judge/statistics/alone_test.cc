#include "judge/statistics/alone.h"

#include <gtest/gtest.h>

#include <chrono>

namespace davy::judge {
namespace {
using namespace std::chrono_literals;
using Cause = Alone::Cause;

// Errors of as many clients, none of whom comes again.
Count count(std::uint64_t requests, std::uint64_t errors = 0) {
  return {.requests = requests, .errors = errors, .clients = errors, .repeats = requests, .known = true};
}
Count of_strangers(std::uint64_t requests, std::uint64_t errors = 0) {
  return {.requests = requests, .errors = errors};
}

constexpr double kAlpha = 0.0000375;
Alone after_a_usual_minute() { return Alone(kAlpha, count(6000, 6)); }

// Windows of 100 ms with all the users, until there is a strike or a decision; how many that took.
int until_it_acts(Alone& test, const Count& candidate, int most = 1000) {
  for (int i = 1; i <= most; ++i) {
    test.see(candidate, {}, 1, 100ms);
    if (test.struck() || test.decided()) return i;
  }
  return 0;
}
void away(Alone& test, const Count& previous) {
  for (int i = 0; i < 300; ++i) test.see({}, previous, 0, 100ms);
}

TEST(Alone, WhatFailsEverythingLosesItsUsersAtTheSecondErrorAndIsDecidedSoonAfterTheyAreBack) {
  auto test = after_a_usual_minute();
  EXPECT_EQ(until_it_acts(test, count(1, 1)), 2);
  EXPECT_FALSE(test.decided());
  away(test, count(10));
  EXPECT_LE(until_it_acts(test, count(1, 1)), 5);
  ASSERT_TRUE(test.decided());
  EXPECT_EQ(test.cause(), Cause::the_release);
}

TEST(Alone, WhatTurnsBadAfterAGoodHourIsFoundAsWellAfterAThirdMoment) {
  auto test = after_a_usual_minute();
  for (int i = 0; i < 36'000; ++i) test.see(count(20), {}, 1, 100ms);
  for (int moment = 1; moment <= 2; ++moment) {
    EXPECT_EQ(until_it_acts(test, count(20, 20)), 1);
    ASSERT_FALSE(test.decided());
    away(test, count(20));
  }
  until_it_acts(test, count(20, 20));
  EXPECT_TRUE(test.decided());
}

TEST(Alone, WhatAnswersStrangersNothingWellLosesThemAfterOneWindow) {
  auto test = after_a_usual_minute();
  for (int i = 0; i < 600; ++i) test.see(of_strangers(200), {}, 1, 100ms);
  EXPECT_EQ(until_it_acts(test, of_strangers(200, 200)), 1);
}

TEST(Alone, ADatabaseThatIsAwayForAWhileAccusesNobody) {
  auto test = after_a_usual_minute();
  ASSERT_GT(until_it_acts(test, count(20, 20)), 0);
  away(test, count(20, 20));
  EXPECT_EQ(until_it_acts(test, count(20), 36'000), 0) << "it came back";
  EXPECT_FALSE(test.on_trial());
}

TEST(Alone, WhereThePreviousReleaseFailsAsWellPeopleMustLook) {
  auto test = after_a_usual_minute();
  until_it_acts(test, count(20, 20));
  away(test, count(20, 20));
  until_it_acts(test, count(20, 20));
  ASSERT_TRUE(test.decided());
  EXPECT_EQ(test.cause(), Cause::perhaps_both);
}

// Six requests of the previous release in half a minute, none of which failed, say little of an upstream that fails a
// fifth.
TEST(Alone, WhereSoFewMetThePreviousReleaseThatTheyMightHaveFailedAsOftenPeopleMustLook) {
  Alone test(kAlpha, count(600, 3));
  auto act = [&] {
    for (int second = 1; second < 3600 && !test.struck() && !test.decided(); ++second)
      test.see(count(1, second % 5 == 0), {}, 1, 5s);
  };
  act();
  for (int i = 0; i < 6; ++i) test.see({}, count(1), 0, 5s);
  act();
  ASSERT_TRUE(test.decided());
  EXPECT_EQ(test.cause(), Cause::perhaps_both);
}

TEST(Alone, WhereUsersStayTroubleMustLastForMoreThanAMinute) {
  auto test = after_a_usual_minute();
  until_it_acts(test, count(20, 20));
  for (int i = 0; i < 580; ++i) test.see(count(20, 20), {}, 1, 100ms);
  EXPECT_FALSE(test.decided());
  EXPECT_GT(until_it_acts(test, count(20, 20), 100), 0);
  EXPECT_TRUE(test.decided());
}

TEST(Alone, FiveTimesWhatThePreviousReleaseFailedIsNoNews) {
  Alone test(kAlpha, count(6000, 360));
  EXPECT_EQ(until_it_acts(test, count(100, 25), 5000), 0);
  EXPECT_GT(until_it_acts(test, count(100, 60), 5000), 0);
}

TEST(Alone, ThePhasesBeforeAreComparedWithWhereNoMinuteBeforeIsKnown) {
  Alone test(kAlpha, {});
  for (int i = 0; i < 600; ++i) test.see(count(1), count(19, 1), 0.05, 100ms);
  EXPECT_NEAR(test.reference().rate(), 1.0 / 19, 0.001);
  EXPECT_EQ(until_it_acts(test, count(20, 4), 5000), 0);
}

TEST(Alone, BesideAPreviousReleaseThatFailsALotNothingCanBeTold) {
  Alone test(kAlpha, count(6000, 3000));
  EXPECT_EQ(until_it_acts(test, count(20, 20)), 0);
}

TEST(Alone, WithNothingToCompareWithItIsForPeople) {
  Alone test(kAlpha, {});
  until_it_acts(test, count(1, 1));
  away(test, {});
  until_it_acts(test, count(1, 1));
  ASSERT_TRUE(test.decided());
  EXPECT_EQ(test.cause(), Cause::nothing_to_compare);
}

TEST(Alone, BesideThePreviousReleaseItIsNotAsked) {
  auto test = after_a_usual_minute();
  for (int i = 0; i < 600; ++i) test.see(count(100, 100), count(100), 0.5, 100ms);
  EXPECT_FALSE(test.on_trial());
}

TEST(Alone, WhoHasAllTheUsersIsSeenWhereNobodySaysWhatWasAskedFor) {
  auto test = after_a_usual_minute();
  for (int i = 0; i < 60; ++i) test.see(count(100), {}, {}, 100ms);
  test.see(count(100, 100), {}, {}, 100ms);
  EXPECT_TRUE(test.struck());
}

TEST(Alone, OneClientThatFailsAgainAndAgainIsOneError) {
  auto test = after_a_usual_minute();
  auto busy = count(100, 30);
  busy.clients = 0;
  EXPECT_EQ(until_it_acts(test, busy, 5000), 0);
}

TEST(Alone, OnceEveryClientHasFailedTheirErrorsCountAgain) {
  auto test = after_a_usual_minute();
  auto all = count(200, 200);
  ASSERT_GT(until_it_acts(test, all), 0);
  away(test, count(200));
  auto again = count(200, 200);
  again.clients = 0;
  EXPECT_GT(until_it_acts(test, again), 0);
  EXPECT_TRUE(test.decided());
}

TEST(Alone, OfStrangersItNeedsMore) {
  auto test = after_a_usual_minute();
  EXPECT_GT(until_it_acts(test, of_strangers(1, 1)), 2);
  away(test, of_strangers(10));
  EXPECT_GT(until_it_acts(test, of_strangers(1, 1)), 5);
  EXPECT_TRUE(test.decided());
}

}  // namespace
}  // namespace davy::judge
