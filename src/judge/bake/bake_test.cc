#include <random>

#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;

Bake bake(std::vector<std::string> pass, Duration length = 10s) {
  std::vector<spec::Condition> conditions;
  for (auto& p : pass) conditions.push_back(condition(p));
  return Bake(setup({}), std::move(conditions), length);
}

void see(Bake& bake, Windows& windows, int n, const Tally& candidate) {
  for (int i = 0; i < n; ++i) bake.see(windows.next(candidate, tally(190)));
}

TEST(Bake, PassesWhenItsConditionsHeldOverAllOfIt) {
  auto b = bake({"error_rate < 0.5%", "latency.p95 < 200ms"});
  Windows windows(1s);
  see(b, windows, 9, tally(1000, 1));
  EXPECT_FALSE(b.over());
  EXPECT_EQ(b.verdict().kind, Kind::keep_watching);
  see(b, windows, 1, tally(1000, 1));
  EXPECT_TRUE(b.over());
  EXPECT_EQ(b.verdict().kind, Kind::pass);
  EXPECT_EQ(b.verdict().sentence, "shop 3: error_rate was 0.1% over 10s, asked for: error_rate < 0.5%");
}

TEST(Bake, AnUnmetConditionIsForPeopleAndComesBeforeWhatCannotBeTold) {
  auto b = bake({"memory < 1 GB", "error_rate < 0.5%"});
  Windows windows(1s);
  see(b, windows, 9, tally(1000, 0));
  see(b, windows, 1, tally(1000, 100));
  EXPECT_EQ(b.verdict().kind, Kind::hold);
  EXPECT_EQ(b.verdict().rule, "error_rate < 0.5%");
}

TEST(Bake, TooFewRequestsCannotTell) {
  for (auto pass : {std::vector<std::string>{"error_rate < 0.5%"}, {}}) {
    auto b = bake(pass);
    Windows windows(1s);
    see(b, windows, 9, tally(2));
    see(b, windows, 1, tally(1));
    EXPECT_EQ(b.verdict().kind, Kind::cannot_tell) << b.verdict().sentence;
  }
}

// No test accuses anybody here: nothing serves beside it, or nothing was asked.
TEST(Bake, WhatFailsIsNoPassThoughNothingWasAskedOfIt) {
  for (auto pass : {std::vector<std::string>{}, {"latency.p95 < 1s"}}) {
    for (auto [candidate, previous] :
         {std::pair{tally(6, 6), Tally{}}, {tally(6, 6), tally(6)}, {tally(6, 2), Tally{}}}) {
      std::vector<spec::Condition> conditions;
      for (auto& p : pass) conditions.push_back(condition(p));
      Bake b(setup({}), conditions, 10s);
      Windows windows(1s);
      for (int i = 0; i < 10; ++i) b.see(windows.next(candidate, previous));
      EXPECT_EQ(b.verdict().kind, Kind::cannot_tell) << b.verdict().sentence;
    }
  }
}

TEST(Bake, MoreErrorsThanChanceMakesBesideItAreNoPass) {
  auto b = bake({});
  Windows windows(1s);
  see(b, windows, 10, tally(100, 2));
  EXPECT_EQ(b.verdict().kind, Kind::cannot_tell);
  EXPECT_TRUE(b.verdict().sentence.contains("more than chance makes of")) << b.verdict().sentence;
}

TEST(Bake, ErrorsFarBeyondTheMinuteBeforeAreNoPassWhereNothingServesBeside) {
  auto given = setup({});
  given.baselines.before = Windows(60s).next({}, tally(6000, 6));
  Bake b(given, {}, 10s);
  Windows windows(1s);
  for (int i = 0; i < 10; ++i) b.see(windows.next(tally(200, 10)));
  EXPECT_EQ(b.verdict().kind, Kind::cannot_tell) << b.verdict().sentence;
}

// They began while the candidate had half of the users.
TEST(Bake, TimeOutsFromBeforeTheShareFellAreNotCompared) {
  auto b = bake({}, 60s);
  Windows windows(1s);
  for (int i = 0; i < 60; ++i) {
    auto own = tally(50), other = tally(950);
    if (i >= 5 && i < 25)
      for (auto side : {&own, &other})
        side->merge(tally(1, 1, 30s)), side->aged_for(30s).merge({.requests = 1, .errors = 1, .error_clients = 1});
    auto w = windows.next(own, other);
    w.asked[kNew] = 0.05;
    b.see(w);
  }
  EXPECT_EQ(b.verdict().kind, Kind::pass) << b.verdict().sentence;
}

Tally of_strangers(std::uint64_t requests, std::uint64_t errors) {
  auto out = tally(requests, errors);
  out.repeats = out.error_clients = 0;
  return out;
}

TEST(Bake, BurstsOfStrangersBesideAnotherReleaseAreNotSoManyErrors) {
  auto b = bake({}, 600s);
  Windows windows;
  for (int i = 0; i < 6000; ++i) b.see(windows.next(of_strangers(10, i % 600 < 20), of_strangers(190, i % 100 < 20)));
  EXPECT_EQ(b.verdict().kind, Kind::pass) << "ten bursts of twenty against sixty: " << b.verdict().sentence;
}

TEST(Bake, BurstsOfStrangersAreNotSoManyErrors) {
  auto given = setup({});
  given.baselines.before = Windows(60s).next({}, of_strangers(1200, 0));
  Bake b(given, {}, 600s);
  Windows windows(1s);
  for (int i = 0; i < 600; ++i) b.see(windows.next(of_strangers(20, i % 75 < 20)));
  EXPECT_EQ(b.verdict().kind, Kind::pass) << "eight strangers who try again twenty times: " << b.verdict().sentence;
}

TEST(Bake, TheMinuteBeforeIsThatOfItsOwnService) {
  auto given = setup({});
  given.subjects.push_back({.service = "cart", .candidate = {.version = "9", .id = "cart@9"}});
  given.baselines.before = Windows(60s).next({}, tally(6000, 600));
  given.baselines.before->releases["cart@8"] = tally(6000, 6);
  Bake b(given, {}, 10s);
  Windows windows(1s);
  for (int i = 0; i < 10; ++i) {
    auto w = windows.next(tally(200), tally(200));
    w.releases["cart@9"] = tally(200, 10);
    b.see(w);
  }
  EXPECT_EQ(b.verdict().kind, Kind::cannot_tell) << "a tenth of the shop's fail, and hardly any of the cart's";
}

// The candidate has more of the users when the database fails for both: pooled it is nearly twice as bad.
TEST(Bake, ComparesWithinTheSameMomentsWhereTheShareMoves) {
  auto b = bake({"error_rate < 150% of previous"}, 20s);
  Windows windows(1s);
  for (int i = 0; i < 20; ++i)
    b.see(i < 10 ? windows.next(tally(100, 1), tally(900, 9)) : windows.next(tally(500, 50), tally(500, 50)));
  EXPECT_EQ(b.verdict().kind, Kind::pass) << b.verdict().sentence;
}

TEST(Bake, ACandidateWhoseClientsAllGiveUpHasAnsweredNobodyAndDoesNotPass) {
  for (bool beside : {true, false}) {
    auto b = bake({}, 1min);
    Windows windows(1s);
    auto waited = tally(100);
    waited.aborts = 100;
    for (int i = 0; i < 60; ++i) b.see(windows.next(waited, beside ? tally(100) : Tally{}));
    EXPECT_EQ(b.verdict().kind, Kind::cannot_tell) << b.verdict().sentence;
    EXPECT_TRUE(b.verdict().sentence.contains("clients went away before 6000 of its answers")) << b.verdict().sentence;
  }
}

// Half of its requests come while the previous release has none of that minute: they were compared with nobody.
TEST(Bake, WhoseRequestsWereComparedWithNobodyDoesNotPassByThoseThatWere) {
  auto b = bake({}, 1min);
  Windows windows(1s);
  for (int i = 0; i < 60; ++i) b.see(windows.next(tally(100), i % 5 == 0 ? tally(10) : Tally{}));
  EXPECT_EQ(b.verdict().kind, Kind::pass) << "all of them, a little later: " << b.verdict().sentence;
  auto late = bake({}, 1min);
  for (int i = 0; i < 60; ++i) late.see(windows.next(tally(100, i % 20 == 0), i == 1 ? tally(10) : Tally{}));
  EXPECT_EQ(late.verdict().kind, Kind::cannot_tell) << late.verdict().sentence;
}

// A previous release that dies in mid-bake leaves nobody to compare with. A candidate that fails nobody need not wait.
TEST(Bake, WhoFailsNobodyIsComparedWithNobody) {
  auto b = bake({}, 1min);
  Windows windows(1s);
  for (int i = 0; i < 60; ++i) b.see(windows.next(tally(100), i < 5 ? tally(100, i > 2 ? 100 : 0) : Tally{}));
  EXPECT_EQ(b.verdict().kind, Kind::pass) << b.verdict().sentence;
}

// First errors are spent, and the gate of the plan counts every one.
TEST(Bake, AGateOfEveryErrorIsNotPassedByCountingClientsOnce) {
  auto b = bake({"error_rate < 150% of previous"}, 10min);
  Windows windows(1s);
  auto failing = [](std::uint64_t errors, std::uint64_t first) {
    auto out = tally(100, errors);
    return out.error_clients = first, out;
  };
  for (int i = 0; i < 600; ++i) b.see(windows.next(failing(i < 60 ? 1 : 80, i < 60), failing(1, i < 60)));
  EXPECT_NE(b.verdict().kind, Kind::pass) << b.verdict().sentence;
}

TEST(Bake, WhatEndsBadlyWhileItStandsAsideIsOfWhenItHadUsers) {
  auto b = bake({}, 1min);
  Windows windows(1s);
  for (int i = 0; i < 40; ++i) b.see(windows.next(tally(100), tally(100)));
  for (int i = 0; i < 30; ++i) {
    auto w = windows.next(tally(50, 50), tally(200));
    w.asked[kNew] = 0;
    b.see(w);
  }
  for (int i = 0; i < 40; ++i) b.see(windows.next(tally(100), tally(100)));
  EXPECT_NE(b.verdict().kind, Kind::pass) << b.verdict().sentence;
}

TEST(Bake, StandsStillWhileTheCandidateHasOtherUsersThanItWasGiven) {
  auto b = bake({}, 1h);
  Windows windows(1s);
  for (int i = 0; i < 600; ++i) {
    auto w = windows.next(tally(100), tally(190));
    w.asked[kNew] = 0.5;
    b.see(w);
  }
  EXPECT_LT(b.observed(), 2min);
}

TEST(Bake, AStretchInWhichOnlyThePreviousReleaseHadRequestsIsNotBaked) {
  auto b = bake({}, 1h);
  Windows windows;
  for (int i = 0; i < 40; ++i) b.see(windows.next(tally(5), tally(5)));
  for (int i = 0; i < 210; ++i) b.see(windows.next({}, tally(10)));
  EXPECT_LT(b.observed(), 5s) << "4 s with users";
  for (int i = 0; i < 40; ++i) b.see(windows.next(tally(5), tally(5)));
  EXPECT_GE(b.observed(), 8s);
  EXPECT_LT(b.observed(), 9s);
}

TEST(Bake, WhoHasUsersAndNeverHadARequestIsNotBaked) {
  auto b = bake({"error_rate < 0.5%"});
  Windows windows(1s);
  for (int i = 0; i < 30; ++i) {
    auto w = windows.next(Tally{}, tally(190));
    w.asked[kNew] = 0.5;
    b.see(w);
  }
  EXPECT_LT(b.observed(), 1s + 1ms) << "half of 190 requests a second would have been its own";
}

TEST(Bake, PausesOfACandidateWithFewRequestsAreBaked) {
  auto b = bake({}, 1h);
  Windows windows;
  for (int i = 0; i < 6000; ++i) b.see(windows.next(tally(i % 20 == 0), tally(2)));
  EXPECT_EQ(b.observed(), 10min);
}

TEST(Bake, OnlyObservedTimeCounts) {
  auto b = bake({});
  Windows windows(1s);
  for (int i = 0; i < 100; ++i) {
    auto w = windows.next(tally(1000, 500));
    w.complete = false;
    b.see(w);
  }
  EXPECT_EQ(b.observed(), 0s);
  windows.jump(1h);
  see(b, windows, 10, tally(100));
  EXPECT_EQ(b.observed(), 10s);
  EXPECT_EQ(b.verdict().kind, Kind::pass);
}

TEST(Bake, StandsStillWhileUsersAreTakenAwayFromTheCandidate) {
  auto b = bake({});
  Windows windows(1s);
  see(b, windows, 4, tally(100));
  for (int i = 0; i < 30; ++i) {
    auto w = windows.next(tally(0));
    w.asked[kNew] = 0;
    b.see(w);
  }
  EXPECT_EQ(b.observed(), 4s);
  see(b, windows, 6, tally(100));
  EXPECT_EQ(b.observed(), 10s);
}

TEST(Bake, AGaugeIsJudgedAtItsWorstAndAStateAtItsOddest) {
  auto seen = [](std::string text, std::vector<double> numbers, std::vector<std::string> words) {
    auto b = bake({std::move(text)}, 3s);
    Windows windows(1s);
    for (std::size_t i = 0; i < 3; ++i) {
      auto w = windows.empty();
      if (i < numbers.size()) w.numbers["memory"][kNew] = numbers[i];
      if (i < words.size()) w.states["health"][kNew] = words[i];
      b.see(w);
    }
    return b.verdict().kind;
  };
  EXPECT_EQ(seen("memory < 1 GB", {1e8, 2e9, 1e8}, {}), Kind::hold);
  EXPECT_EQ(seen("memory < 1 GB", {1e8, 2e8, 1e8}, {}), Kind::pass);
  EXPECT_EQ(seen("memory > 1 MB", {1e8, 2e2, 1e8}, {}), Kind::hold);
  EXPECT_EQ(seen("memory < 1 GB", {}, {}), Kind::cannot_tell);
  EXPECT_EQ(seen("health is healthy", {}, {"healthy", "starting", "healthy"}), Kind::hold);
  EXPECT_EQ(seen("health is healthy", {}, {"healthy", "healthy"}), Kind::pass);
  EXPECT_EQ(seen("health is healthy", {}, {}), Kind::cannot_tell);
}

TEST(Bake, ComparesWithThePreviousReleaseBeside) {
  for (auto [latency, expected] : {std::pair{12ms, Kind::pass}, std::pair{20ms, Kind::hold}}) {
    auto b = bake({"latency.p95 < 150% of baseline"}, 1s);
    Windows windows(1s);
    see(b, windows, 1, tally(100, 0, latency));
    EXPECT_EQ(b.verdict().kind, expected) << b.verdict().sentence;
  }
}

TEST(Sight, SaysWhatABakeCanSee) {
  auto s = sight(2000, {0.05}, 10s, 0.001, 0.01);
  EXPECT_EQ(s.requests, 1000);
  EXPECT_GT(s.ratio, 5);
  EXPECT_LT(s.ratio, 30);
  EXPECT_EQ(s.sentence.substr(0, 21), "1,000 requests at 5%:") << s.sentence;
  auto days = sight(2, {0.05}, 48h, 0.01, 0.01);
  EXPECT_TRUE(days.sentence.starts_with("17,280 requests at 5%: sees error rates >= 2 x the baseline (2%), "))
      << days.sentence;
  EXPECT_TRUE(days.sentence.ends_with(" times that where the log tells no clients")) << days.sentence;
  EXPECT_GT(days.ratio_of_strangers, days.ratio);
  EXPECT_NE(sight(1, {0.05}, 10s, 0.001, 0.01).sentence.find("too few"), std::string::npos);
  EXPECT_TRUE(
      sight(2000, {1}, 10s, 0.001, 0.01).sentence.ends_with("sees error rates above 5% and 5 x those of before"));
  EXPECT_TRUE(
      sight(2000, {1}, 10s, 0.02, 0.01).sentence.ends_with("sees error rates above 10% and 5 x those of before"));
  EXPECT_TRUE(sight(2000, {1}, 10s, 0.001, 0.01, {}, true).sentence.ends_with("thresholds only"));
  EXPECT_NE(sight(2000, {0.05}, 10s, 0, 0.01).sentence.find("sees error rates from"), std::string::npos);
}

TEST(Sight, LongerBakesSeeMore) {
  double before = 1e9, of_strangers = 1e9;
  for (auto length : {10s, 60s, 600s, 3600s, 172800s}) {
    auto now = sight(2000, {0.05}, length, 0.001, 0.01);
    EXPECT_LT(now.ratio, before);
    EXPECT_LE(now.ratio_of_strangers, of_strangers);
    EXPECT_GT(now.ratio_of_strangers, now.ratio);
    before = now.ratio, of_strangers = now.ratio_of_strangers;
  }
}

// What is promised must be kept: a candidate that errs `ratio` times as often is found in at least 95 % of the bakes.
TEST(Sight, KeepsWhatItPromises) {
  struct Case {
    double per_second, share, baseline;
    Duration length;
  };
  std::mt19937_64 random(17);
  auto poisson = [&](double mean) { return static_cast<std::uint64_t>(std::poisson_distribution<int>(mean)(random)); };
  for (auto& c : {Case{2000, 0.05, 0.001, 10s}, Case{2000, 0.05, 0.01, 60s}, Case{50, 0.25, 0.002, 1800s},
                  Case{200, 0.5, 0.01, 300s}, Case{20, 0.05, 0.05, 600s}, Case{2000, 0.01, 0.0001, 3600s}}) {
    auto promised = sight(c.per_second, {c.share}, c.length, c.baseline, 0.01);
    ASSERT_GT(promised.ratio, 1) << promised.sentence;
    constexpr int kBakes = 400, kLooks = 20;
    int missed = 0;
    for (int i = 0; i < kBakes; ++i) {
      auto given = setup({});
      given.alpha = 0.01;
      Judge judge(given);
      Windows windows(c.length / kLooks);
      bool found = false;
      for (int w = 0; w < kLooks && !found; ++w) {
        double all = c.per_second * seconds(c.length) / kLooks, own = all * c.share;
        auto t = [&](double n, double rate) {
          return tally(std::max<std::uint64_t>(poisson(n), 1), poisson(n * rate));
        };
        auto said = judge.see(windows.next(t(own, c.baseline * promised.ratio), t(all - own, c.baseline)));
        found = !only(Kind::roll_back, said).empty();
      }
      missed += !found;
    }
    EXPECT_LE(missed, kBakes / 20) << promised.sentence;
  }
}

TEST(Bake, TimeInWhichWhatItAsksForWasAwayIsNotBaked) {
  auto b = bake({"memory < 1 GB"});
  Windows windows(1s);
  for (int i = 0; i < 100; ++i) {
    auto w = windows.next(tally(10));
    w.away["memory"] = "gone";
    b.see(w);
  }
  EXPECT_EQ(b.observed(), 0s);
  auto other = windows.next(tally(10));
  other.away["queue"] = "gone";
  b.see(other);
  EXPECT_EQ(b.observed(), 1s) << "nobody asked for that one";
}

TEST(Bake, IsUpByWhatEachLookSaidOfItself) {
  auto ended = [](const char* condition, int bad_at) {
    auto b = bake({condition});
    Windows windows(1s);
    for (int i = 0; i < 10; ++i) {
      auto w = windows.next(tally(100), tally(190));
      w.states["page"][""] = "200", w.numbers["page.up"][""] = i != bad_at;
      b.see(w);
    }
    return b.verdict().kind;
  };
  EXPECT_EQ(ended("page is up", -1), Kind::pass) << "200 is no word for well";
  EXPECT_EQ(ended("page is up", 4), Kind::hold);
  EXPECT_EQ(ended("page is down", -1), Kind::hold);
}

}  // namespace
}  // namespace davy::judge
