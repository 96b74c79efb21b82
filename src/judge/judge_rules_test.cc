// A plan's rules, as the judge follows them.
#include "judge/judge.h"
#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;
using run::Consequence;

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

TEST(Judge, TimeWithoutUsersUntilItIsTriedAgainIsNoneOfARule) {
  Judge judge(setup({rule("error_rate > 5% for 30s"), rule("queue > 100 for 10s")}));
  Windows windows(1s);
  watch(judge, windows, 3, tally(50, 20), tally(100));
  std::vector<Verdict> said;
  for (int i = 0; i < 600; ++i) {
    auto w = windows.next({}, tally(150));
    w.asked[setup({}).subjects[0].candidate.id] = 0;
    w.numbers["queue"][""] = 200;
    for (auto& v : judge.see(w)) said.push_back(v);
  }
  EXPECT_TRUE(said.empty()) << said[0].sentence;
  said = watch(judge, windows, 60, tally(50), tally(100));
  std::erase_if(said, [](auto& v) { return v.rule != "error_rate > 5% for 30s"; });
  EXPECT_TRUE(said.empty()) << "the bad seconds of before are not what it does now: " << said[0].sentence;
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

TEST(Judge, OneClientThatAlwaysFailsBreaksNoThreshold) {
  Judge judge(setup({rule("error_rate > 5% for 30s")}));
  Windows windows(1s);
  auto broken = [](bool first) {
    auto out = tally(10, 1);
    out.error_clients = first;
    return out;
  };
  EXPECT_TRUE(watch(judge, windows, 1, broken(true), tally(190)).empty());
  EXPECT_TRUE(watch(judge, windows, 900, broken(false), tally(190)).empty());
}

TEST(Judge, ManyClientsWhoFailBreakAThreshold) {
  Judge judge(setup({rule("error_rate > 5% for 30s")}));
  Windows windows(1s);
  std::vector<std::string> rules;
  for (auto& v : only(Kind::roll_back, watch(judge, windows, 120, tally(10, 1), tally(190)))) rules.push_back(v.rule);
  EXPECT_EQ(std::ranges::count(rules, "error_rate > 5% for 30s"), 1);
}

// The count test asks for a quarter more; the threshold itself says how much matters.
TEST(Judge, AThresholdIsBrokenByACandidateThatIsWorseByLessThanAQuarter) {
  Judge judge(setup({rule("error_rate > 9% for 30s")}));
  Windows windows(1s);
  auto back = only(Kind::roll_back, watch(judge, windows, 600, tally(1000, 96), tally(1000, 80)));
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].rule, "error_rate > 9% for 30s");
}

// Also just after it had users for a while, and answered fewer than tell anything.
TEST(Judge, WhatThePreviousReleaseBrokeBeforeIsForPeopleOnceTheCandidateHasAllTheUsers) {
  for (std::uint64_t beside : {0u, 3u}) {
    auto s = setup({rule("error_rate over 1m > 5% for 10s")});
    s.baselines.before = Windows(60s).next({}, tally(600, 600));
    Judge judge(std::move(s));
    Windows windows(1s);
    judge.see(windows.next({}, tally(beside, beside)));
    for (int i = 0; i < 50; ++i) {
      auto w = windows.next(tally(10, 10));
      w.asked[kNew] = 1;
      auto back = only(Kind::roll_back, judge.see(w));
      EXPECT_TRUE(back.empty()) << back.front().sentence;
    }
  }
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

TEST(Judge, AServiceThatGetsItsUsersLaterIsColdByItself) {
  auto given = setup({rule("latency.p95 > 500ms")});
  given.subjects.push_back({.service = "cart", .candidate = {.version = "9", .id = "cart@9"}});
  given.warm_up = 30s;
  Judge judge(given);
  Windows windows(1s);
  EXPECT_TRUE(watch(judge, windows, 60, tally(50), tally(950)).empty());
  auto said = [&](int seconds, Duration latency) {
    std::vector<Verdict> out;
    for (int i = 0; i < seconds; ++i) {
      auto w = windows.next(tally(50), tally(950));
      w.releases["cart@9"] = tally(50, 0, latency);
      for (auto& v : judge.see(w)) out.push_back(v);
    }
    return out;
  };
  EXPECT_TRUE(said(29, 2s).empty()) << "the shop has been warm for long, the cart has not";
  EXPECT_TRUE(said(60, 10ms).empty());
  EXPECT_FALSE(said(60, 2s).empty());
}

TEST(Judge, AColdCandidateIsSeenAndNotCounted) {
  auto given = setup({rule("latency.p95 > 500ms"), rule("latency.p95 > 500ms for 1m", Consequence::hold)});
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
  Judge judge(setup({rule("memory > 1 GB", Consequence::hold)}));
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
  Judge judge(setup({rule("a > 1", Consequence::note), rule("a > 2", Consequence::hold), rule("a > 3"),
                     rule("a > 4", Consequence::page)}));
  auto w = Windows().empty();
  w.numbers["a"][kNew] = 10;
  auto said = judge.see(w);
  ASSERT_EQ(kinds(said), (std::vector{Kind::roll_back, Kind::hold, Kind::keep_watching, Kind::keep_watching}));
  EXPECT_EQ(said[2].then, Consequence::page);
}

// What a runbook has as a table of symptoms and decisions: several at once, the strongest decides and is named.
TEST(Judge, ADecisionMatrixWithSeveralSymptomsAtOnce) {
  auto matrix = [] {
    auto given = setup({rule("error_rate > 5% for 5m"), rule("error_rate > 1%", Consequence::hold),
                        rule("latency.p95 > 5s"), rule("latency.p95 in 2s..5s", Consequence::hold),
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
           {.errors = 3, .comes_to = {Kind::hold}, .names = "shop 3: error_rate is 3%"},
           {.errors = 3, .latency = 3s, .comes_to = {Kind::hold, Kind::hold}, .names = "error_rate"},
           {.errors = 3, .latency = 6s, .comes_to = {Kind::roll_back, Kind::hold}, .names = "latency.p95"},
           {.errors = 3, .restarts = 1, .comes_to = {Kind::roll_back, Kind::hold}, .names = "app.restarts"},
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
  ASSERT_EQ(kinds(said), (std::vector{Kind::hold}));
  EXPECT_EQ(said[0].then, run::Consequence::hold) << "what follows is what the kind says";
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
  Judge judge(setup({rule("a > 1 for 10s", Consequence::hold)}));
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

TEST(Judge, RulesWaitForTheCandidatesFirstUser) {
  Judge judge(setup({rule("request_rate over 1s < 5/s")}));
  Windows windows;
  EXPECT_TRUE(watch(judge, windows, 30, {}, tally(190)).empty());
  EXPECT_TRUE(watch(judge, windows, 30, tally(1), tally(190)).empty());
  EXPECT_EQ(watch(judge, windows, 30, {}, tally(190)).size(), 1u);
}

TEST(Judge, WindowsOfHoursAreJudgedAsWell) {
  Judge judge(setup({rule("error_rate > 5% for 3h")}));
  Windows hours(1h);
  EXPECT_TRUE(watch(judge, hours, 3, tally(100, 8), tally(1900, 150)).empty());
  EXPECT_EQ(kinds(watch(judge, hours, 3, tally(100, 8), tally(1900, 150))), (std::vector{Kind::hold}));
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
    auto w = windows.next(tally(1));
    w.numbers["memory"][kNew] = i / 60 % 2 == 0 ? 2e9 : 0;
    if (!judge.see(w).empty()) told.push_back(i);
  }
  EXPECT_EQ(told, (std::vector{0, 120, 240, 360, 480, 600, 1200}));
}

}  // namespace
}  // namespace davy::judge
