#include "judge/judge.h"

#include "judge/numbers/windows_testing.h"
#include "spec/json.h"

namespace davy::judge {
namespace {
using namespace testing;
using run::Consequence;

// All that was said in so many windows.
std::vector<Verdict> watch(Judge& judge, Windows& windows, int n, Tally candidate, Tally previous = {}) {
  std::vector<Verdict> out;
  for (int i = 0; i < n; ++i)
    for (auto& v : judge.see(windows.next(candidate, previous))) out.push_back(v);
  return out;
}

TEST(Judge, AGoodCandidateIsLeftAlone) {
  Judge judge(setup({rule("error_rate > 5% for 5m"), rule("error_rate > 1%", Consequence::investigate)}));
  Windows windows;
  for (int i = 0; i < 3000; ++i)
    ASSERT_TRUE(judge.see(windows.next(tally(10, i % 100 == 0), tally(190, i % 5 == 0))).empty()) << i;
}

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
    for (auto& v : judge.see(windows.next(unknown(100, i % 10 < 3), unknown(1900, 2)))) said.push_back(v);
  EXPECT_FALSE(only(Kind::investigate, said).empty());
  EXPECT_TRUE(only(Kind::roll_back, said).empty());
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
  ASSERT_EQ(kinds(said), (std::vector{Kind::step_aside, Kind::investigate}));
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
  ASSERT_EQ(kinds(said), (std::vector{Kind::investigate}));
  EXPECT_EQ(said[0].rule, "share of the traffic");
  EXPECT_TRUE(judge.sentence().contains("where 25% were asked for")) << judge.sentence();
}

std::vector<Verdict> warnings(const std::vector<Verdict>& all) {
  std::vector<Verdict> out;
  std::ranges::copy_if(all, std::back_inserter(out), [](auto& v) { return v.then == run::Consequence::warn; });
  return out;
}

TEST(Judge, ARuleThatCannotTellForFiveMinutesWarnsOnceThatItIsBlind) {
  Judge judge(setup({rule("error_rate > 5%"), rule("queue > 100")}));
  Windows windows(1s);
  EXPECT_TRUE(watch(judge, windows, 299, tally(100), tally(100)).empty());
  auto said = watch(judge, windows, 600, tally(100), tally(100));
  ASSERT_EQ(warnings(said).size(), 1u);
  EXPECT_EQ(said.size(), 1u) << "nothing follows from it";
  EXPECT_EQ(said[0].rule, "queue > 100");
  EXPECT_EQ(said[0].kind, Kind::keep_watching);
  EXPECT_EQ(said[0].sentence, "shop 3: the rule queue > 100 has been blind for 5m: no queue in 1m");
}

TEST(Judge, WhereNothingIsSeenOfTheCandidateItsRulesAreBlind) {
  Judge judge(setup({rule("error_rate > 5%")}));
  Windows windows(1s);
  EXPECT_EQ(warnings(watch(judge, windows, 400, {}, tally(100))).size(), 1u) << "no user was seen at all";
  watch(judge, windows, 60, tally(100), tally(100));
  std::vector<Verdict> said;
  for (int i = 0; i < 400; ++i) {
    auto w = windows.next(tally(100), tally(100));
    w.complete = false, w.gap = "no line comes";
    for (auto& v : judge.see(w)) said.push_back(v);
  }
  ASSERT_EQ(warnings(said).size(), 1u) << "and again once it had seen";
  EXPECT_TRUE(warnings(said)[0].sentence.ends_with("blind for 5m: no line comes")) << warnings(said)[0].sentence;
}

TEST(Judge, TooFewErrorsToProveAnythingAreNoBlindness) {
  Judge judge(setup({rule("error_rate > 5%")}));
  Windows windows(1s);
  EXPECT_TRUE(warnings(watch(judge, windows, 900, tally(1, 0), tally(100))).empty());
  std::vector<Verdict> said;
  for (int i = 0; i < 900; ++i)
    for (auto& v : judge.see(windows.next(tally(i % 2, i % 40 == 0), tally(100)))) said.push_back(v);
  EXPECT_TRUE(warnings(said).empty());
}

TEST(Judge, TwiceAsManyOfFewIsNoProof) {
  Judge judge(setup({rule("error_rate > 200% of previous")}));
  Windows windows(1s);
  for (int i = 0; i < 600; ++i)
    ASSERT_TRUE(judge.see(windows.next(tally(10, i % 100 == 0), tally(190, i % 20 == 0))).empty()) << i;
  auto said = watch(judge, windows, 60, tally(10, 2), tally(190));
  auto back = only(Kind::roll_back, said);
  ASSERT_EQ(back.size(), 2u) << "the rule, and the count test";
}

TEST(Judge, ASlowCandidateIsProvenSlowerByTheRulesOwnFactor) {
  for (auto [slower, found] : {std::pair{30ms, true}, {12ms, false}}) {
    Judge judge(setup({rule("latency.p95 > 150% of previous")}));
    Windows windows(1s);
    auto said = watch(judge, windows, 300, tally(50, 0, slower), tally(950));
    EXPECT_EQ(said.size(), found ? 1u : 0u);
  }
}

TEST(Judge, AColdCandidateIsSeenAndNotCounted) {
  auto given = setup({rule("latency.p95 > 500ms"), rule("latency.p95 > 500ms for 1m", Consequence::investigate)});
  given.warm_up = 30s;
  Judge judge(given);
  Windows windows(1s);
  EXPECT_TRUE(watch(judge, windows, 30, tally(50, 0, 2s), tally(950)).empty());
  EXPECT_TRUE(watch(judge, windows, 100, tally(50), tally(950)).empty()) << "what it did while cold is not remembered";
  EXPECT_EQ(watch(judge, windows, 120, tally(50, 0, 2s), tally(950)).size(), 2u);
}

TEST(Judge, ARuleWithoutForActsAsSoonAsThereIsTheLeastEvidence) {
  auto given = setup({rule("error_rate > 5%")});
  given.subjects[0].previous = {};
  Judge judge(given);
  Windows windows;
  EXPECT_TRUE(watch(judge, windows, 1, tally(10, 2)).empty());
  auto said = watch(judge, windows, 1, tally(10, 2));
  ASSERT_EQ(kinds(said), (std::vector{Kind::roll_back}));
  EXPECT_EQ(said[0].sentence, "shop 3: error_rate is 20% (4 in 20): error_rate > 5%");
}

TEST(Judge, ARuleSpeaksOnceAndAgainAfterItStoppedHolding) {
  Judge judge(setup({rule("memory > 1 GB", Consequence::investigate)}));
  Windows windows(1s);
  auto see = [&](double bytes) {
    auto w = windows.empty();
    w.numbers["memory"][kNew] = bytes;
    return judge.see(w).size();
  };
  EXPECT_EQ(see(2e9), 1u);
  EXPECT_EQ(see(2e9), 0u);
  EXPECT_EQ(see(1e8), 0u);
  EXPECT_EQ(see(2e9), 1u);
}

TEST(Judge, TheStrongestConsequenceComesFirst) {
  Judge judge(setup({rule("a > 1", Consequence::note), rule("a > 2", Consequence::investigate), rule("a > 3"),
                     rule("a > 4", Consequence::page)}));
  auto w = Windows().empty();
  w.numbers["a"][kNew] = 10;
  auto said = judge.see(w);
  ASSERT_EQ(kinds(said), (std::vector{Kind::roll_back, Kind::investigate, Kind::keep_watching, Kind::keep_watching}));
  EXPECT_EQ(said[2].then, Consequence::page);
}

// What a runbook has as a table of symptoms and decisions: several at once, the strongest decides and is named.
TEST(Judge, ADecisionMatrixWithSeveralSymptomsAtOnce) {
  using run::Consequence;
  auto matrix = [] {
    auto given = setup({rule("error_rate > 5% for 5m"), rule("error_rate > 1%", Consequence::investigate),
                        rule("latency.p95 > 5s"), rule("latency.p95 in 2s..5s", Consequence::investigate),
                        rule("app.restarts > 0"), rule("database is away for 30s"), rule("memory grows > 100 MB/min"),
                        rule("disk > 90%", Consequence::page)});
    given.subjects[0].previous = {};
    return given;
  };
  struct Symptoms {
    std::uint64_t errors = 0;
    Duration latency = 10ms;
    double restarts = 0;
    bool database_away = false;
    std::vector<Kind> comes_to;
    std::string names;
  };
  for (auto& s : std::vector<Symptoms>{
           {.comes_to = {}, .names = ""},
           {.errors = 3, .comes_to = {Kind::investigate}, .names = "shop 3: error_rate is 3%"},
           {.errors = 3, .latency = 3s, .comes_to = {Kind::investigate, Kind::investigate}, .names = "error_rate"},
           {.errors = 3, .latency = 6s, .comes_to = {Kind::roll_back, Kind::investigate}, .names = "latency.p95"},
           {.errors = 3, .restarts = 1, .comes_to = {Kind::roll_back, Kind::investigate}, .names = "app.restarts"},
           {.database_away = true, .comes_to = {Kind::roll_back}, .names = "database is away"},
       }) {
    Judge judge(matrix());
    Windows windows(1s);
    std::vector<Verdict> found;
    for (int i = 0; i < 40; ++i) {
      auto w = windows.next(tally(100, s.errors, s.latency));
      w.numbers["app.restarts"][kNew] = s.restarts;
      if (s.database_away) w.away["database"] = "connection refused";
      for (auto& v : judge.see(w)) found.push_back(v);
    }
    EXPECT_EQ(kinds(found), s.comes_to) << s.names;
    if (!found.empty()) EXPECT_TRUE(found[0].sentence.contains(s.names)) << found[0].sentence;
  }
}

TEST(Judge, BothSickIsForPeopleUntilTheyDiffer) {
  Judge judge(setup({rule("error_rate over 2s > 5%")}));
  Windows windows;
  auto said = watch(judge, windows, 20, tally(10, 3), tally(190, 57));
  ASSERT_EQ(kinds(said), (std::vector{Kind::investigate}));
  EXPECT_EQ(said[0].then, run::Consequence::investigate) << "what follows is what the kind says";
  EXPECT_NE(said[0].sentence.find("shop 2 is as sick"), std::string::npos) << said[0].sentence;
  said = watch(judge, windows, 100, tally(10, 3), tally(190, 0));
  EXPECT_EQ(only(Kind::roll_back, said).size(), 2u) << "the count test, and the rule anew";
}

TEST(Judge, NoVerdictOfARuleFromIncompleteData) {
  Judge judge(setup({rule("a > 1 for 10s")}));
  Windows windows(1s);
  std::size_t said = 0;
  for (int i = 0; i <= 30; ++i) {
    auto w = windows.empty();
    w.complete = i < 5 || i >= 25;
    w.numbers["a"][kNew] = 10;
    said += judge.see(w).size();
    EXPECT_EQ(said, i == 30 ? 1u : 0u) << i;
  }
}

TEST(Judge, ARuleThatHoldsAndHasNotSpokenYetIsPending) {
  Judge judge(setup({rule("a > 1 for 10s", Consequence::investigate)}));
  Windows windows(1s);
  auto see = [&](double value) {
    auto w = windows.empty();
    w.numbers["a"][kNew] = value;
    return judge.see(w).size();
  };
  see(0);
  EXPECT_FALSE(judge.pending());
  see(10);
  EXPECT_TRUE(judge.pending()) << "nothing that cannot be taken back may begin now";
  for (int i = 0; i < 9; ++i) see(10);
  EXPECT_TRUE(judge.pending());
  EXPECT_EQ(see(10), 1u);
  EXPECT_FALSE(judge.pending()) << "it has spoken";
  see(0), see(10), see(0);
  EXPECT_FALSE(judge.pending());
}

TEST(Judge, AGapDoesNotStartForAnew) {
  Judge judge(setup({rule("a > 1 for 10s")}));
  Windows windows(1s);
  auto see = [&] {
    auto w = windows.empty();
    w.numbers["a"][kNew] = 10;
    return judge.see(w).size();
  };
  for (int i = 0; i < 8; ++i) ASSERT_EQ(see(), 0u);
  windows.jump(1h);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(see(), 0u);
  EXPECT_EQ(see(), 1u);
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
  for (auto [own, other, kind] : {std::tuple{20u, 5u, Kind::investigate}, {0u, 100u, Kind::keep_watching}}) {
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

TEST(Judge, RulesWaitForTheCandidatesFirstUser) {
  Judge judge(setup({rule("request_rate over 1s < 5/s")}));
  Windows windows;
  EXPECT_TRUE(watch(judge, windows, 30, {}, tally(190)).empty());
  EXPECT_TRUE(watch(judge, windows, 30, tally(1), tally(190)).empty());
  EXPECT_EQ(watch(judge, windows, 30, {}, tally(190)).size(), 1u);
}

TEST(Judge, AServiceWhoseReleasesCannotBeToldApartIsJudgedAsAWhole) {
  auto given = setup({rule("error_rate > 5%")});
  given.subjects[0].previous = {};
  Judge judge(given);
  auto w = Windows().empty();
  w.releases[""] = tally(100, 20);
  auto said = judge.see(w);
  ASSERT_EQ(kinds(said), (std::vector{Kind::roll_back}));
  EXPECT_EQ(said[0].sentence.substr(0, 5), "shop:");
}

TEST(Judge, TheSentenceSaysWhatWouldDecide) {
  Judge judge(setup({rule("latency.p99 > 1s")}));
  Windows windows;
  EXPECT_EQ(judge.sentence(), "shop 3: no requests yet");
  watch(judge, windows, 5, tally(10, 0), tally(190, 0));
  EXPECT_EQ(judge.sentence(),
            "shop 3: 0 errors in 50 requests (0%) against 0 in 950 (0%); no sign of a difference; latency.p99 > 1s "
            "cannot tell: 50 of 100 requests");
  watch(judge, windows, 100, tally(10, 0), tally(190, 0));
  watch(judge, windows, 1, tally(10, 2), tally(190, 1));
  EXPECT_NE(judge.sentence().find("would decide"), std::string::npos) << judge.sentence();
}

TEST(Judge, RefilledFromSamplesItKnowsWhatItKnew) {
  auto given = setup({rule("error_rate > 5% for 20s")});
  Judge first(given), second(given);
  Windows windows(1s);
  std::vector<std::string> samples;
  for (int i = 0; i < 15; ++i) {
    auto w = windows.next(tally(100, 8), tally(1900, 150));
    samples.push_back(encode(w));
    EXPECT_TRUE(first.see(w).empty());
  }
  for (auto& s : samples) second.see(*decode(s));
  EXPECT_EQ(first.sentence(), second.sentence());
  EXPECT_EQ(watch(first, windows, 6, tally(100, 8), tally(1900, 150)).size(), 1u);
  windows.jump(-6s);
  EXPECT_EQ(watch(second, windows, 6, tally(100, 8), tally(1900, 150)).size(), 1u);
}

TEST(Judge, WindowsOfHoursAreJudgedAsWell) {
  Judge judge(setup({rule("error_rate > 5% for 3h")}));
  Windows hours(1h);
  EXPECT_TRUE(watch(judge, hours, 3, tally(100, 8), tally(1900, 150)).empty());
  EXPECT_EQ(kinds(watch(judge, hours, 3, tally(100, 8), tally(1900, 150))), (std::vector{Kind::investigate}));
}

Window with_memory(Windows& windows, double bytes) {
  auto w = windows.empty();
  w.numbers["memory"][kNew] = bytes;
  return w;
}

TEST(Judge, GrowthIsJudgedByItsSlopeNotByItsEnds) {
  Judge judge(setup({rule("memory grows > 100 MB/min")}));
  Windows windows(5s);
  for (int i = 0; i < 120; ++i)  // 60 MB/min, and a wild reading now and then
    ASSERT_TRUE(judge.see(with_memory(windows, 1e9 + i * 5e6 + (i % 11 == 10 ? 4e9 : 0))).empty()) << i;
  std::vector<Verdict> said;
  for (int i = 0; i < 120 && said.empty(); ++i) said = judge.see(with_memory(windows, 2e9 + i * 20e6));
  ASSERT_EQ(kinds(said), (std::vector{Kind::roll_back}));
  EXPECT_TRUE(said[0].sentence.starts_with("shop 3: memory is ")) << said[0].sentence;
}

TEST(Judge, AFewReadingsAreNoSlope) {
  Judge judge(setup({rule("memory grows > 1 MB/min"), rule("memory rises")}));
  Windows windows(1s);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(judge.see(with_memory(windows, 1e9 + i * 1e8)).empty()) << i;
}

TEST(Judge, ASlopeMayBeAShareOfItsOwnLevel) {
  for (auto [text, alarms] : {std::pair{"memory over 1h grows > 2%/h", true}, {"memory over 1h grows > 4%/h", false}}) {
    Judge judge(setup({rule(text, Consequence::warn)}));
    Windows windows(1min);
    std::size_t said = 0;
    for (int i = 0; i < 240; ++i) said += judge.see(with_memory(windows, 1e9 * (1 + 0.03 * i / 60))).size();
    EXPECT_EQ(said > 0, alarms) << text;
  }
}

TEST(Judge, LatencyMayRise) {
  Judge judge(setup({rule("latency.p95 rises", Consequence::warn)}));
  Windows windows(1s);
  EXPECT_TRUE(watch(judge, windows, 600, tally(100)).empty());
  std::size_t said = 0;
  for (int i = 0; i < 600; ++i) said += judge.see(windows.next(tally(100, 0, 10ms + i * 100us))).size();
  EXPECT_EQ(said, 1u);
}

TEST(Judge, ADryRunIsToldAndDecidesNothing) {
  auto dry = rule("error_rate > 5%");
  dry.dry_run = true;
  auto given = setup({dry});
  given.subjects[0].previous = {};
  Judge judge(given);
  Windows windows;
  auto said = watch(judge, windows, 2, tally(10, 2));
  ASSERT_EQ(kinds(said), (std::vector{Kind::keep_watching}));
  EXPECT_EQ(said[0].then, Consequence::note);
  EXPECT_EQ(said[0].sentence,
            "dry run, would have been a roll back: shop 3: error_rate is 20% (4 in 20): error_rate > 5%");
}

TEST(Judge, RulesAreLookedAtAsOftenAsThePlanSays) {
  auto given = setup({rule("memory > 1 GB", Consequence::note)});
  given.looks = {{1min, 10min}, {5min, {}}};
  Judge judge(given);
  Windows windows(1s);
  std::vector<int> told;
  for (int i = 0; i < 1800; ++i) {
    auto w = with_memory(windows, i / 60 % 2 == 0 ? 2e9 : 0);
    w.releases[kNew] = tally(1);
    if (!judge.see(w).empty()) told.push_back(i);
  }
  EXPECT_EQ(told, (std::vector{0, 120, 240, 360, 480, 600, 1200}));
}

}  // namespace
}  // namespace davy::judge
