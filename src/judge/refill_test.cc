// Davy is killed at any moment of a run: the next one reads the samples, a second each, and goes on with what is live.
// What collects values for minutes must then say the same at the same moment as if nothing had happened.
#include <gmock/gmock.h>

#include <optional>
#include <random>

#include "judge/numbers/windows_testing.h"
#include "judge/sampler.h"

namespace davy::judge {
namespace {
using namespace testing;

constexpr const char* kConfig = R"({"name": "shop", "metrics": [
  {"name": "errors", "groups": ["errors"], "analysisConfigurations": {"canary": {"direction": "increase"}}}],
  "classifier": {"groupWeights": {"errors": 100}}})";

Setup by_kayenta() {
  auto out = setup({});
  out.alpha = 1e-300;  // Kayenta alone
  out.kayenta = run::Kayenta{.config = kConfig, .metrics = {{"errors", "error_rate"}}, .every = 10s, .interval = 2min};
  return out;
}

Setup by_planned_looks() {
  auto out = setup({});
  out.alpha = 1e-300;
  out.planned_looks = run::PlannedLooks{.looks = 4, .every = 1min, .alpha = {0.01}};
  return out;
}

// 100 ms of a candidate that begins to fail after a while; no two are alike.
Window live(Windows& windows, int i) {
  auto wave = static_cast<std::uint64_t>(i / 100 % 3);
  return windows.next(tally(20, i > 300 ? 2 + wave : 0), tally(180, wave));
}

// The samples that were written before the kill: a second each, the last of them shorter.
std::vector<Window> samples(const std::vector<Window>& seen) {
  std::vector<Window> out;
  for (auto& window : seen) {
    if (out.empty() || out.back().length() >= 1s) out.emplace_back();
    out.back().merge(window);
  }
  for (auto& sample : out) sample = *decode(encode(sample));
  return out;
}

struct Said {
  std::string sentence;
  int at;
  bool operator==(const Said&) const = default;
};

std::vector<Said> said(const Setup& given, int length, std::optional<int> killed_at) {
  Windows windows;
  std::optional<Judge> judge(given);
  std::vector<Window> seen;
  std::vector<Said> out;
  for (int i = 0; i < length; ++i) {
    if (i == killed_at) {
      judge.emplace(given);
      for (auto& sample : samples(seen)) judge->see(sample);  // what was true then is in the journal
    }
    seen.push_back(live(windows, i));
    for (auto& v : judge->see(seen.back()))
      if (v.rule != "count test") out.push_back({v.sentence, i});
  }
  return out;
}

class Refill : public ::testing::TestWithParam<Setup (*)()> {};

TEST_P(Refill, SaysTheSameAtTheSameMoment) {
  auto given = GetParam()();
  auto undisturbed = said(given, 3000, {});
  ASSERT_FALSE(undisturbed.empty());
  ASSERT_GT(undisturbed[0].at, 305) << "or next to no kill comes before it";
  for (auto at : {10, 290, 305, 601, 1195, 1199, 1200, 1201})
    if (at < undisturbed[0].at) EXPECT_EQ(said(given, 3000, at), undisturbed) << "killed at " << at;
}

TEST_P(Refill, IsNotTakenForANewVerdict) {
  auto given = GetParam()();
  auto undisturbed = said(given, 3000, {});
  EXPECT_EQ(said(given, 3000, undisturbed[0].at + 5), undisturbed) << "it was told before, and is told once";
}

// Strikes and trials by evidence that is carried over; the engine is played: users are away for 30 s.
struct Moment {
  Kind kind;
  int at;
};
std::vector<Moment> struck(std::uint64_t seed, std::optional<int> killed_at) {
  std::mt19937_64 random(seed);
  auto drawn = [&](std::uint64_t n, double p) { return std::binomial_distribution<std::uint64_t>(n, p)(random); };
  auto given = setup({});
  Windows windows;
  std::optional<Judge> judge(given);
  Sampler sampler;
  std::vector<Window> kept;
  std::vector<Moment> out;
  int away_until = 0;
  for (int i = 0; i < 1500; ++i) {
    if (i == killed_at) {
      judge.emplace(given);
      for (auto& sample : kept) judge->see(*decode(encode(sample)));
      if (auto rest = sampler.gathers()) judge->see(*rest);
    }
    bool away = i < away_until;
    auto w = windows.next(tally(away ? 0 : 10, away ? 0 : drawn(10, i > 100 ? 0.2 : 0)), tally(190, drawn(190, 0.001)));
    w.asked[kNew] = away ? 0 : 0.05;
    for (auto& sample : sampler.take(w, given.subjects, {})) kept.push_back(std::move(sample));
    for (auto& v : judge->see(w)) {
      if (v.kind == Kind::step_aside) away_until = i + 300;
      out.push_back({v.kind, i});
    }
  }
  return out;
}

TEST(RefilledJudge, StrikesAndDecidesAsTheOneThatWasKilledWouldHave) {
  constexpr int kSecond = 10;  // windows: what is merged is gathered otherwise
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto undisturbed = struck(seed, {});
    ASSERT_FALSE(undisturbed.empty());
    for (int before : {1, 7, 20}) {
      auto at = undisturbed.front().at - before;
      if (at < 90) continue;
      auto again = struck(seed, at);
      ASSERT_EQ(again.size(), undisturbed.size()) << "seed " << seed << " killed at " << at;
      for (std::size_t i = 0; i < again.size(); ++i) {
        EXPECT_EQ(again[i].kind, undisturbed[i].kind);
        EXPECT_NEAR(again[i].at, undisturbed[i].at, kSecond) << "seed " << seed << " killed at " << at;
      }
    }
  }
}

TEST(Sampler, KeepsASecondAndEachWindowInWhichTheCandidateHadTrouble) {
  Sampler sampler;
  Windows windows;
  auto subjects = setup({}).subjects;
  std::vector<Window> kept;
  for (int i = 0; i < 25; ++i)
    for (auto& sample : sampler.take(windows.next(tally(10, i == 14), tally(90, 1)), subjects, {}))
      kept.push_back(std::move(sample));
  ASSERT_EQ(kept.size(), 4u);
  EXPECT_EQ(kept[0].length(), 1s);
  EXPECT_EQ(kept[1].length(), 400ms);
  EXPECT_EQ(kept[2].length(), 100ms);
  EXPECT_EQ(kept[2].releases[kNew].errors, 1u);
  EXPECT_EQ(kept[3].length(), 1s);
  EXPECT_FALSE(sampler.gathers());
  windows.next({}), sampler.take(windows.next(tally(10), tally(90)), subjects, {});
  EXPECT_EQ(sampler.rest()->length(), 100ms);
  EXPECT_FALSE(sampler.rest());
}

// A week of windows, a second each: how many samples begin in each stretch of it.
TEST(Sampler, KeepsSecondsForAnHourTensForADayAndThenMinutes) {
  Sampler sampler;
  Time exposed(100h), now = exposed;
  std::map<Time, Duration> rows;  // as a store has them: the same beginning is the same row
  std::map<Duration, int> lengths;
  for (int i = 0; i < 7 * 24 * 3600; ++i, now += 1s) {
    Window w{.from = now, .to = now + 1s};
    w.releases["shop@3"].requests = 200, w.releases["shop@3"].errors = i % 5 == 0;
    for (auto& one : sampler.take(w, setup({}).subjects, exposed)) rows[one.from] = one.length();
    ASSERT_GE(std::prev(rows.end())->first + std::prev(rows.end())->second, now) << "nothing shown is older";
  }
  for (auto& [from, length] : rows) ++lengths[length];
  EXPECT_EQ(lengths[1s], 3600) << "trouble does not make more of them for ever";
  EXPECT_EQ(lengths[10s], 23 * 360);
  EXPECT_EQ(lengths[1min], 6 * 24 * 60);
  EXPECT_EQ(lengths.size(), 3u);
}

TEST(Sampler, ALongSampleEndsWhereSomethingIsMissingOrAnotherShareIsAskedFor) {
  Sampler sampler;
  Time exposed(100h), now = exposed + 48h;
  std::map<Time, Window> rows;
  auto pass = [&](bool complete, double share) {
    Window w{.from = now, .to = now + 1s, .complete = complete};
    w.asked["shop@3"] = share;
    for (auto& one : sampler.take(w, setup({}).subjects, exposed)) rows[one.from] = one;
    now += 1s;
  };
  sampler.take({.from = exposed, .to = exposed + 1s}, setup({}).subjects, exposed);
  for (int i = 0; i < 20; ++i) pass(true, .25);
  for (int i = 0; i < 3; ++i) pass(false, .25);
  for (int i = 0; i < 20; ++i) pass(true, .25);
  for (int i = 0; i < 20; ++i) pass(true, .5);
  std::vector<std::pair<Duration, bool>> lengths;
  for (auto& [from, one] : rows) lengths.emplace_back(one.length(), one.complete);
  EXPECT_THAT(lengths, ::testing::ElementsAre(std::pair(20s, true), std::pair(3s, false), std::pair(20s, true),
                                              std::pair(20s, true)));
}

TEST(Sampler, NoSampleIsFromBeforeAndAfterTheFirstUser) {
  Sampler sampler;
  Windows windows;
  auto first = windows.next({}, tally(90));
  EXPECT_TRUE(sampler.take(first, {}, {}).empty());
  auto kept = sampler.take(windows.next(tally(1), tally(90)), {}, first.to + 50ms);
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0], first);
}

INSTANTIATE_TEST_SUITE_P(Of, Refill, ::testing::Values(by_kayenta, by_planned_looks));

}  // namespace
}  // namespace davy::judge
