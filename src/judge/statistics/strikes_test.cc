#include "judge/statistics/strikes.h"

#include <gtest/gtest.h>

#include <chrono>

#include "judge/statistics/errors.h"

namespace davy::judge {
namespace {
using namespace std::chrono_literals;
using Phase = Strikes::Phase;

constexpr double kFloor = 1.25;
Strikes strikes(double alpha = 0.0005) { return Strikes(rate_ratios(Sided::candidate_worse), kFloor, alpha); }

Counted counted(const Split& split, double own_requests, double other_requests) {
  RatioMixture same(rate_ratios(Sided::candidate_worse), kFloor);
  return {.split = split,
          .parts = {split},
          .length = 100ms,
          .own_requests = own_requests,
          .other_requests = other_requests,
          .log_factors = same.log_factors(split, 1)};
}

// 100 ms of 200 requests a tenth of a second, 5 % of them the candidate's.
void see(Strikes& test, double own, double other = 0) {
  test.pass(10, 100ms);
  test.see(counted({own, other, 0.05}, 10, 190));
}
void away(Strikes& test, Duration length) { test.pass(0, length); }

TEST(Strikes, OneMomentHoweverBadIsOnlyAStrike) {
  auto test = strikes();
  see(test, 10), see(test, 10);
  EXPECT_EQ(test.strikes(), 1);
  for (int i = 0; i < 20; ++i) see(test, 10);
  EXPECT_FALSE(test.decided()) << "three seconds are one moment";
}

TEST(Strikes, TroubleAgainAfterUsersWereAwayDecides) {
  auto test = strikes();
  see(test, 2), see(test, 2);
  ASSERT_EQ(test.phase(), Phase::moment);
  away(test, 30s);
  EXPECT_TRUE(test.pass(10, 100ms)) << "what came before is not to be compared";
  int windows = 0;
  for (; !test.decided() && windows < 100; ++windows) see(test, 2);
  EXPECT_LE(windows, 4);
}

// The trial of a release that did well is as likely to meet another of its bad seconds as the one before it.
TEST(Strikes, WhatDidWellForAWhileIsGoneByOnlyAfterAThirdMoment) {
  auto test = strikes();
  for (int i = 0; i < 100; ++i) see(test, 0);
  for (int moment = 1; moment <= 2; ++moment) {
    while (test.strikes() < moment) see(test, 2);
    ASSERT_FALSE(test.decided()) << "after moment " << moment;
    away(test, 30s);
  }
  for (int i = 0; i < 10; ++i) see(test, 2);
  EXPECT_TRUE(test.decided());
}

TEST(Strikes, WhatDidWellBetweenACommonErrorNowAndThenDidWell) {
  auto test = strikes();
  for (int i = 0; i < 1000; ++i) see(test, i % 20 == 0, i % 20 != 0);
  while (test.strikes() < 1) see(test, 2, 1);
  away(test, 30s);
  for (int i = 0; test.strikes() < 2 && i < 100; ++i) see(test, 2, 1);
  EXPECT_EQ(test.strikes(), 2);
  EXPECT_FALSE(test.decided());
}

TEST(Strikes, OneErrorIsNeverAStrike) {
  for (double share = 0.5; share > 1e-6; share /= 2) {
    auto test = strikes();
    Split split{1, 0, share, 1, 1 / share - 1};
    test.see(counted(split, 1, 1 / share - 1));
    EXPECT_EQ(test.strikes(), 0) << share;
  }
}

TEST(Strikes, AMomentIsForgottenOnceItsRateIsRuledOutAndTheNextIsBelievedLess) {
  auto test = strikes();
  for (int moment = 1; moment <= 3; ++moment) {
    see(test, 10), see(test, 10);
    ASSERT_EQ(test.strikes(), moment);
    away(test, 30s);
    int windows = 0;
    for (; test.phase() != Phase::watching && windows < 1000; ++windows) see(test, 0);
    EXPECT_LE(windows, 40) << "a few hundred requests without an error";
    EXPECT_EQ(test.forgotten(), moment);
  }
  see(test, 10), see(test, 10);
  for (int again = 0; again < 4; ++again) {
    away(test, 30s);
    do see(test, 2);
    while (test.phase() == Phase::trial && !test.decided());
    EXPECT_FALSE(test.decided()) << "it has such moments, and did well between them";
  }
  away(test, 30s);
  for (int i = 0; i < 10; ++i) see(test, 2);
  EXPECT_TRUE(test.decided());
}

TEST(Strikes, HowBadAMomentWasIsNotHiddenByErrorsOfLongBefore) {
  auto test = strikes();
  for (int i = 0; i < 1000; ++i) see(test, i % 200 == 0, i % 10 == 0);
  while (test.phase() == Phase::watching) see(test, 2);
  EXPECT_GE(test.recent_rate(), 0.1);
  away(test, 30s);
  for (int i = 0; i < 40; ++i) see(test, 0);
  EXPECT_EQ(test.forgotten(), 1) << "a few hundred requests without an error";
}

TEST(Strikes, ATrialIsNotGivenUpWhileTheCandidateFailsAsBefore) {
  auto test = strikes();
  for (int i = 0; test.phase() == Phase::watching && i < 10'000; ++i) see(test, i % 50 == 0, i % 10 == 0);
  away(test, 30s);
  for (int i = 0; !test.decided() && i < 100'000; ++i) see(test, i % 50 == 25, i % 10 == 0);
  EXPECT_TRUE(test.decided()) << "0.2% against 0.05%";
  EXPECT_EQ(test.forgotten(), 0);
}

// A mild strike by chance leaves a trial open for long, at a rate hardly above the usual one.
TEST(Strikes, AMomentThatIsTenTimesAsBadIsAnotherOneAndNoAnswer) {
  auto test = strikes();
  for (int i = 0; test.phase() == Phase::watching && i < 10'000; ++i) see(test, i % 50 == 0);
  ASSERT_EQ(test.strikes(), 1);
  away(test, 30s);
  EXPECT_TRUE(test.pass(10, 100ms));
  for (int i = 0; test.phase() == Phase::trial && i < 100; ++i) see(test, 5);
  EXPECT_FALSE(test.decided());
  EXPECT_EQ(test.strikes(), 2);
}

// What hangs ends half a minute later than what does well.
TEST(ErrorTest, ATrialWaitsForWhatHangs) {
  ErrorTest test({.alpha = 0.001, .worse_by = 0.25});
  Count well{.requests = 16, .repeats = 16, .known = true}, other{.requests = 20, .repeats = 20, .known = true};
  auto with_time_outs = well;
  with_time_outs.requests = 20, with_time_outs.errors = with_time_outs.clients = 4, with_time_outs.errors_took = 32s;
  int moments = 0, since = 0;  // users are back since then, or away where it is negative
  for (int second = 0; second < 600 && !test.decided(); ++second, ++since) {
    if (since < 0)
      test.see({}, other, 1s);
    else
      test.see(since < 30 ? well : with_time_outs, other, 1s);
    if (test.struck()) ++moments, since = -30;
  }
  EXPECT_TRUE(test.decided());
  EXPECT_LE(moments, 3);
}

// A socket that was open for two hours and broke is an error, and no trial waits for two hours.
TEST(ErrorTest, ATrialDoesNotWaitForConnectionsThatLastForHours) {
  ErrorTest test({.alpha = 0.001, .worse_by = 0.25});
  Count own{.requests = 20, .repeats = 20, .known = true}, other = own;
  auto broken = own;
  broken.errors = broken.clients = 10, broken.errors_took = 2h;
  for (int second = 0; second < 5 && !test.on_trial(); ++second) test.see(broken, other, 1s);
  ASSERT_TRUE(test.on_trial());
  for (int second = 0; second < 30; ++second) test.see({}, other, 1s);
  for (int second = 0; second < 300; ++second) test.see(own, other, 1s);
  EXPECT_FALSE(test.on_trial());
  EXPECT_FALSE(test.decided());
}

TEST(ErrorTest, WhatFailsNowAndThenIsFoundByItsManyMoments) {
  ErrorTest test({.alpha = 0.001, .worse_by = 0.25});
  Count good{190, 0, 0, 190, true};
  int seconds = 0;
  for (; !test.decided() && seconds < 3600; ++seconds)
    for (int i = 0; i < 10; ++i) {
      std::uint64_t errors = seconds % 20 == 0 ? 5 : 0;
      test.see({10, errors, errors, 10, true}, good, 100ms);
    }
  EXPECT_TRUE(test.decided());
  EXPECT_GT(seconds, 100) << "a bad second in twenty";
}

TEST(ErrorTest, ABurstOfStrangersThatLastsForHalfAMinuteIsOneMomentAlsoWhereUsersStay) {
  ErrorTest test({.alpha = 0.001});
  auto watch = [&](int windows, int every) {
    for (int i = 0; i < windows; ++i)
      test.see({.requests = 100, .errors = every > 0 && i % every == 0}, {.requests = 1900, .errors = i % 5 == 0},
               100ms);
  };
  watch(3000, 100);
  watch(300, 4);
  ASSERT_FALSE(test.decided());
  watch(3000, 100);
  EXPECT_FALSE(test.decided());
}

TEST(ErrorTest, WhatAnswersStrangersNothingWellLosesThemAfterOneWindow) {
  ErrorTest test({.alpha = 0.001, .worse_by = 0.25});
  for (int i = 0; i < 100; ++i) test.see({.requests = 10}, {.requests = 10}, 100ms);
  test.see({.requests = 10, .errors = 10}, {.requests = 10}, 100ms);
  EXPECT_TRUE(test.struck());
}

TEST(ErrorTest, ABurstOfAStrangerAmongOthersIsNoStrikeInOneWindow) {
  ErrorTest test({.alpha = 0.001, .worse_by = 0.25});
  for (int i = 0; i < 100; ++i) test.see({.requests = 10}, {.requests = 10}, 100ms);
  test.see({.requests = 20, .errors = 10}, {.requests = 10}, 100ms);
  EXPECT_FALSE(test.struck());
}

// Three hundred clients, sent to a release anew each time, nine in ten of whom have had their 404 this hour.
TEST(ErrorTest, WhereClientsMeetBothReleasesMore4xxAreFoundThoughNoneIsAFirstOne) {
  std::mt19937_64 random(5);
  ErrorTest test({.alpha = 0.0002, .sided = Sided::either_worse, .worse_by = 0.25, .strikes = false});
  auto side = [&](int requests, double rate) {
    auto n = static_cast<std::uint64_t>(requests);
    auto errors = static_cast<std::uint64_t>(std::binomial_distribution<int>(requests, rate)(random));
    return Count{.requests = n,
                 .errors = errors,
                 .repeats = 5 * n,
                 .known = true,
                 .returns = n,
                 .moved = n / 2,
                 .spent = n * 9 / 10};
  };
  for (int second = 0; second < 1200; ++second) test.see(side(100, 0.03), side(100, 0.03), 1s);
  EXPECT_FALSE(test.decided());
  for (int second = 0; second < 600; ++second) test.see(side(100, 0.13), side(100, 0.03), 1s);
  EXPECT_TRUE(test.decided());
}

}  // namespace
}  // namespace davy::judge
