// Davy is killed at any moment of a run: the next one reads the samples, a second each, and goes on with what is live.
// What collects values for minutes must then say the same at the same moment as if nothing had happened.
#include <optional>

#include "judge/numbers/windows_testing.h"

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

INSTANTIATE_TEST_SUITE_P(Of, Refill, ::testing::Values(by_kayenta, by_planned_looks));

}  // namespace
}  // namespace davy::judge
