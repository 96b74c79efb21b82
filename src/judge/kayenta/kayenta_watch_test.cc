#include "judge/kayenta/kayenta_watch.h"

#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;

constexpr const char* kConfig = R"({"name": "shop", "metrics": [
  {"name": "errors", "groups": ["errors"], "analysisConfigurations": {"canary": {"direction": "increase"}}},
  {"name": "memory", "groups": ["resources"], "analysisConfigurations": {"canary": {"direction": "increase"}}}],
  "classifier": {"groupWeights": {"errors": 80, "resources": 20}}})";

run::Kayenta how() {
  return {.config = kConfig, .metrics = {{"errors", "error_rate"}}, .every = 10s, .interval = 5min};
}

// A wave in both, so that no two values are alike; `worse` more errors of 100 and more memory on the candidate.
Window second(Windows& windows, int i, std::uint64_t worse, double memory) {
  auto wave = static_cast<std::uint64_t>(i / 10 % 7);
  auto w = windows.next(tally(100, wave + worse), tally(900, 9 * wave + static_cast<std::uint64_t>(i / 10 % 3)));
  w.numbers["memory"] = {{kNew, memory + static_cast<double>(i % 13)}, {kOld, 100 + static_cast<double>(i * 7 % 13)}};
  return w;
}

std::vector<Verdict> watched(std::uint64_t worse, double memory, int length = 600) {
  auto given = setup({});
  given.alpha = 1e-300;  // Kayenta alone
  given.kayenta = how();
  Judge judge(given);
  Windows windows(1s);
  std::vector<Verdict> out;
  for (int i = 0; i < length; ++i)
    for (auto& v : judge.see(second(windows, i, worse, memory)))
      if (v.kind != Kind::step_aside) out.push_back(v);
  return out;
}

TEST(KayentaWatch, AnEqualCanaryIsNoNews) { EXPECT_TRUE(watched(0, 100).empty()); }

TEST(KayentaWatch, AFailingScoreIsToldOnceAtAnInterval) {
  auto found = watched(10, 100);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, Kind::roll_back);
  EXPECT_EQ(found[0].rule, "kayenta");
  EXPECT_EQ(found[0].sentence, "shop 3: score 20: fail (pass from 95, marginal from 75); not passed: errors (High)");
}

TEST(KayentaWatch, MarginalIsEnoughBeforeTheEndAndNotAtIt) {
  EXPECT_TRUE(watched(0, 200).empty()) << "errors are 80 of 100";
  auto given = setup({});
  given.kayenta = how();
  Bake bake(given, {}, 600s);
  Windows windows(1s);
  for (int i = 0; i < 600; ++i) bake.see(second(windows, i, 0, 200));
  EXPECT_EQ(bake.verdict().kind, Kind::hold);
  EXPECT_EQ(bake.verdict().rule, "kayenta");
}

TEST(KayentaWatch, ABakeEndsByTheScore) {
  for (auto [worse, kind] : {std::pair(0, Kind::pass), {10, Kind::roll_back}}) {
    auto given = setup({});
    given.kayenta = how();
    Bake bake(given, {}, 600s);
    Windows windows(1s);
    for (int i = 0; i < 600; ++i) bake.see(second(windows, i, static_cast<std::uint64_t>(worse), 100));
    EXPECT_EQ(bake.verdict().kind, kind) << bake.verdict().sentence;
  }
}

TEST(KayentaWatch, WithoutAPreviousReleaseBesideThereIsNothingToScore) {
  auto watch = KayentaWatch::begin(how());
  ASSERT_TRUE(watch);
  Windows windows(1s);
  for (int i = 0; i < 600; ++i) watch->see(windows.next(tally(100, 50)), subject());
  EXPECT_FALSE(watch->verdict(subject(), true));
}

TEST(KayentaWatch, TheLastUsersOfThePreviousReleaseAreNoBaseline) {
  auto watch = KayentaWatch::begin(how());
  ASSERT_TRUE(watch);
  Windows windows(1s);
  for (int i = 0; i < 600; ++i) watch->see(windows.next(tally(100), i < 30 ? tally(1) : Tally{}), subject());
  EXPECT_FALSE(watch->verdict(subject(), true));
}

TEST(KayentaWatch, WhatIsMissingIsPutToPeople) {
  auto watch = KayentaWatch::begin(how());
  ASSERT_TRUE(watch);
  Windows windows(1s);
  for (int i = 0; i < 5; ++i) watch->see(windows.next(tally(100), tally(100)), subject());
  auto v = watch->verdict(subject(), true);
  ASSERT_TRUE(v);
  EXPECT_EQ(v->kind, Kind::hold) << "5 s are not one value: nobody is blamed";
}

TEST(KayentaWatch, AMetricThatIsNoSeriesIsSaid) {
  auto given = how();
  given.config = R"({"name": "x", "metrics": [{"name": "error rate!", "groups": ["a"]}]})";
  auto begun = KayentaWatch::begin(given);
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().message, "the configuration's metric `error rate!` is no series");
  given.config = "nonsense";
  EXPECT_FALSE(KayentaWatch::begin(given));
}

}  // namespace
}  // namespace davy::judge
