// What the judge says of errors and shares without being told to: users away, back, for people.
#include "judge/judge.h"
#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;
using run::Consequence;

TEST(Judge, ACandidateThatFailsOneInFiveLosesItsUsersInHalfASecondAndIsTakenBackWhenItFailsAgain) {
  Judge judge(setup({}));
  Windows windows;
  watch(judge, windows, 100, {}, tally(200));
  auto said = watch(judge, windows, 5, tally(10, 2), tally(190));
  ASSERT_EQ(kinds(said), (std::vector{Kind::step_aside}));
  EXPECT_EQ(said[0].then, Consequence::note) << "nothing is decided yet";
  EXPECT_TRUE(watch(judge, windows, 300, {}, tally(200)).empty()) << "its users are away";
  said = watch(judge, windows, 10, tally(10, 2), tally(190));
  ASSERT_EQ(kinds(said), (std::vector{Kind::roll_back}));
  EXPECT_EQ(said[0].rule, "count test");
  EXPECT_TRUE(said[0].sentence.starts_with("shop 3: ")) << said[0].sentence;
  EXPECT_TRUE(
      said[0].sentence.ends_with("a release that is no worse by more than 25% shows this in less than one run "
                                 "of 1,000"))
      << said[0].sentence;
  EXPECT_TRUE(said[0].evidence.find("test")->find("evidence"));
}

TEST(Judge, OneBadSecondIsForgottenWhenTheCandidateDoesWellAgain) {
  Judge judge(setup({}));
  Windows windows;
  auto bad = watch(judge, windows, 10, tally(10, 2), tally(190));
  ASSERT_EQ(kinds(bad), (std::vector{Kind::step_aside}));
  EXPECT_TRUE(watch(judge, windows, 300, {}, tally(200)).empty());
  EXPECT_TRUE(watch(judge, windows, 6000, tally(10), tally(190)).empty());
}

TEST(Judge, WhereNobodyTakesItsUsersAwayItIsTakenBackAfterAFewSeconds) {
  Judge judge(setup({}));
  Windows windows;
  auto said = watch(judge, windows, 60, tally(10, 2), tally(190));
  EXPECT_EQ(kinds(said), (std::vector{Kind::step_aside, Kind::roll_back}));
}

TEST(Judge, MoreErrorsThanAreNoNewsByLittleAreLeftAlone) {
  Judge judge(setup({}));
  Windows windows(1s);
  EXPECT_TRUE(watch(judge, windows, 20'000, tally(1000, 6), tally(1000, 5)).empty()) << "20% more, proven by far";
}

TEST(Judge, WhereClientsAreUnknownABurstIsForPeople) {
  Judge judge(setup({}));
  Windows windows(1s);
  auto unknown = [](std::uint64_t requests, std::uint64_t errors) {
    return Tally{.requests = requests, .errors = errors};
  };
  std::vector<Verdict> said;
  for (int i = 0; i < 3000; ++i)
    for (auto& v : judge.see(windows.next(unknown(100, i % 10 < 3 ? 4 : 0), unknown(1900, 4)))) said.push_back(v);
  EXPECT_FALSE(only(Kind::hold, said).empty());
  EXPECT_TRUE(only(Kind::roll_back, said).empty());
}

// A hundred errors in ten minutes, an error each six seconds: the same in every stretch of a minute, and on whichever
// release they fall. Two or three such clients at once are no rarity.
TEST(Judge, WhereClientsAreUnknownTheFewThatTryAgainForTenMinutesAccuseNobody) {
  Judge judge(setup({}));
  Windows windows(1s);
  auto unknown = [](std::uint64_t requests, std::uint64_t errors) {
    return Tally{.requests = requests, .errors = errors, .client_errors = errors};
  };
  std::vector<Verdict> said;
  for (int i = 0; i < 1200; ++i) {
    bool fails = i >= 300 && i < 900 && i % 2 == 0;
    for (auto& v : judge.see(windows.next(unknown(100, fails), unknown(1900, 2)))) said.push_back(v);
  }
  EXPECT_TRUE(only(Kind::hold, said).empty()) << said.back().sentence;
  EXPECT_TRUE(only(Kind::roll_back, said).empty());
}

TEST(Judge, WhereClientsAreUnknownWhatFailsMoreThanAFewClientsDoIsFound) {
  Judge judge(setup({}));
  Windows windows(1s);
  std::vector<Verdict> said;
  for (int i = 0; i < 120; ++i) {
    auto c = Tally{.requests = 100, .errors = 3}, p = Tally{.requests = 1900, .errors = 2};
    for (auto& v : judge.see(windows.next(c, p))) said.push_back(v);
  }
  EXPECT_TRUE(std::ranges::any_of(said, [](auto& v) { return v.kind >= Kind::hold; }));
}

TEST(Judge, TimeoutsThatBeganBeforeAStepDownAccuseNobody) {
  Judge judge(setup({}));
  Windows windows;
  auto watch_at = [&](double share, int n, const Tally& candidate, const Tally& previous) {
    std::size_t said = 0;
    for (int i = 0; i < n; ++i) {
      auto w = windows.next(candidate, previous);
      w.asked[kNew] = share;
      said += judge.see(w).size();
    }
    return said;
  };
  EXPECT_EQ(watch_at(0.5, 600, tally(100), tally(100)), 0u);
  auto old = tally(12, 2);
  old.aged_for(30s).merge({.requests = 2, .errors = 2, .error_clients = 2});
  EXPECT_EQ(watch_at(0.06, 290, old, tally(188)), 0u) << "they began half a minute ago, at half of the users";
  EXPECT_GT(watch_at(0.06, 100, tally(12, 2), tally(188)), 0u) << "its own errors are its own";
}

TEST(Judge, ACandidateThatFailsOnlyOnceItHasAllTheUsersIsTakenBackWithoutAnyRule) {
  Judge judge(setup({}));
  Windows windows;
  auto watch_at = [&](double share, int n, const Tally& candidate, const Tally& previous) {
    std::vector<Verdict> out;
    for (int i = 0; i < n; ++i) {
      auto w = windows.next(candidate, previous);
      w.asked[kNew] = share;
      for (auto& v : judge.see(w)) out.push_back(v);
    }
    return out;
  };
  EXPECT_TRUE(watch_at(0.25, 600, tally(50), tally(150)).empty());
  EXPECT_TRUE(watch_at(1, 600, tally(200), {}).empty());
  auto said = watch_at(1, 1, tally(200, 200), {});
  ASSERT_EQ(kinds(said), (std::vector{Kind::step_aside}));
  EXPECT_EQ(
      said[0].sentence,
      "shop 3: with all the users 100% of its requests failed of late, against 0% on shop 2 before: it should have no "
      "users until it is tried again");
  EXPECT_TRUE(watch_at(0, 300, {}, tally(200)).empty());
  said = watch_at(1, 1, tally(200, 200), {});
  ASSERT_EQ(kinds(said), (std::vector{Kind::step_aside})) << "it did well before: a third moment decides";
  EXPECT_TRUE(watch_at(0, 300, {}, tally(200)).empty());
  said = watch_at(1, 20, tally(200, 200), {});
  ASSERT_EQ(kinds(said), (std::vector{Kind::roll_back}));
  EXPECT_EQ(said[0].rule, "before-and-after test");
  EXPECT_TRUE(said[0].evidence.find("test")->find("no_news_up_to"));
}

TEST(Judge, WhatEverybodyFailsMeanwhileIsForPeople) {
  Judge judge(setup({}));
  Windows windows;
  std::vector<Verdict> said;
  for (int i = 0; i < 400; ++i) {
    bool away = i >= 10 && i < 310;
    auto w = away ? windows.next({}, tally(20, 20)) : windows.next(tally(20, 20));
    w.asked[kNew] = away ? 0 : 1;
    for (auto& v : judge.see(w)) said.push_back(v);
  }
  ASSERT_EQ(kinds(said), (std::vector{Kind::step_aside, Kind::hold}));
  EXPECT_TRUE(said[1].sentence.contains("look at what both share")) << said[1].sentence;
}

TEST(Judge, AnotherShareThanWasAskedForIsForPeople) {
  Judge judge(setup({}));
  Windows windows(1s);
  std::vector<Verdict> said;
  for (int i = 0; i < 300; ++i) {
    auto w = windows.next(tally(10), tally(190));
    w.asked[kNew] = i < 100 ? 0.05 : 0.25;
    for (auto& v : judge.see(w)) said.push_back(v);
    if (i < 100) EXPECT_TRUE(said.empty());
  }
  ASSERT_EQ(kinds(said), (std::vector{Kind::hold}));
  EXPECT_EQ(said[0].rule, "share of the traffic");
  EXPECT_TRUE(judge.sentence().contains("where 25% were asked for")) << judge.sentence();
}

TEST(Judge, OneClientThatFailsAllTheTimeIsNoMomentAgainAndAgain) {
  Judge judge(setup({}));
  Windows windows(1s);
  auto broken = tally(10, 1);
  broken.error_clients = 0;
  EXPECT_TRUE(watch(judge, windows, 1800, broken, tally(190)).empty());
}

TEST(Judge, WhilePeopleMakeUpTheirMindAboutStrangersTheCandidateHasNoUsers) {
  Judge judge(setup({}));
  Windows windows(1s);
  auto of_strangers = [](std::uint64_t errors) { return Tally{.requests = 100, .errors = errors}; };
  std::vector<Kind> last;
  for (int second = 0, away = 0; second < 3600 && std::ranges::find(last, Kind::hold) == last.end(); ++second) {
    away -= away > 0;
    auto said = judge.see(windows.next(away > 0 ? Tally{} : of_strangers(25), of_strangers(5)));
    if (!said.empty()) last = kinds(said);
    if (std::ranges::find(last, Kind::step_aside) != last.end() && !said.empty()) away = 30;
  }
  EXPECT_EQ(last, (std::vector{Kind::step_aside, Kind::hold}));
}

TEST(Judge, WhoseClientsGiveUpIsForPeople) {
  Judge judge(setup({}));
  Windows windows(1s);
  auto given_up = [](Tally t, std::uint64_t n) { return t.aborts = n, t; };
  EXPECT_TRUE(watch(judge, windows, 600, given_up(tally(100), 3), given_up(tally(100), 2)).empty()) << "some always do";
  auto said = watch(judge, windows, 600, given_up(tally(100), 30), given_up(tally(100), 2));
  ASSERT_EQ(kinds(said), (std::vector{Kind::hold}));
  EXPECT_EQ(said[0].rule, "test of who gives up");
}

TEST(Judge, LostLinesDoNotBlindTheCountTest) {
  Judge judge(setup({}));
  Windows windows;
  std::vector<Verdict> said;
  for (int i = 0; i < 60; ++i) {
    auto w = windows.next(tally(10, 2), tally(190));
    w.complete = false;
    for (auto& v : judge.see(w)) said.push_back(v);
  }
  EXPECT_EQ(kinds(said), (std::vector{Kind::step_aside, Kind::roll_back}));
  EXPECT_NE(judge.sentence().find("the data have gaps"), std::string::npos);
}

TEST(Judge, RedispatchesAreTheCandidatesTroubleThoughUsersSawNothing) {
  Judge judge(setup({}));
  Windows windows;
  auto failing = tally(0);
  failing.redispatched = 3;
  auto said = watch(judge, windows, 60, failing, tally(190));
  EXPECT_EQ(kinds(said), (std::vector{Kind::step_aside, Kind::roll_back}));
}

TEST(Judge, More4xxAreToBeLookedAtAndFewerAreANote) {
  for (auto [own, other, kind] : {std::tuple{20u, 5u, Kind::hold}, {0u, 100u, Kind::keep_watching}}) {
    Judge judge(setup({}));
    Windows windows(1s);
    auto c = tally(100), p = tally(1900);
    c.client_errors = own, p.client_errors = other;
    auto said = watch(judge, windows, 120, c, p);
    ASSERT_EQ(kinds(said), (std::vector{kind}));
    EXPECT_EQ(said[0].rule, "4xx test");
  }
}

TEST(Judge, HowOftenIsAskedIsNoAnswer) {
  Judge judge(setup({}));
  Windows windows(1s);
  auto c = tally(100), p = tally(1900);
  c.client_errors = c.limited = 40;
  EXPECT_TRUE(watch(judge, windows, 120, c, p).empty()) << "429";
}

}  // namespace
}  // namespace davy::judge
