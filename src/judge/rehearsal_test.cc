#include "judge/rehearsal.h"

#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;
using What = Decision::What;

std::vector<Gate> two_gates() {
  return {{"canary/5%", 10min, {condition("error_rate < 1%")}},
          {"canary/25%", 20min, {condition("error_rate < 0.5%")}}};
}

struct Played {
  std::vector<What> what;
  std::vector<Duration> at;  // after the candidate's first user
  std::vector<std::string> gates;
  std::string still, last;
};

// So many seconds before and with the candidate; `errors` of 20 requests in second i.
Played play(Rehearsal rehearsal, int before, int with, const std::function<std::uint64_t(int)>& errors) {
  Windows windows(1s);
  Played out;
  Time met{};
  for (int i = 0; i < before + with; ++i) {
    auto w = i < before ? windows.next({}, tally(100)) : windows.next(tally(20, errors(i - before)), tally(80));
    for (auto& d : rehearsal.see(w)) {
      if (d.what == What::met_users) met = d.at;
      out.what.push_back(d.what), out.at.push_back(d.at - met), out.gates.push_back(d.gate), out.last = d.sentence;
    }
  }
  out.still = rehearsal.still();
  return out;
}

TEST(Rehearsal, AGoodCandidateIsPromotedThroughAllGates) {
  auto played = play(Rehearsal(setup({}), two_gates()), 30, 2000, [](int) { return 0; });
  EXPECT_EQ(played.what, (std::vector{What::met_users, What::promoted, What::passed}));
  EXPECT_EQ(played.at, (std::vector<Duration>{0s, 10min, 30min}));
  EXPECT_EQ(played.gates, (std::vector<std::string>{"canary/5%", "canary/5%", "canary/25%"}));
  EXPECT_EQ(played.still, "");
}

TEST(Rehearsal, ABadOneIsTakenBackWhereItWentWrong) {
  auto played = play(Rehearsal(setup({}), two_gates()), 30, 2000, [](int i) { return i < 700 ? 0 : 4; });
  EXPECT_EQ(played.what, (std::vector{What::met_users, What::promoted, What::told, What::told, What::rolled_back}))
      << "it did well before: a third moment decides";
  EXPECT_EQ(played.gates.back(), "canary/25%");
  EXPECT_GT(played.at.back(), 700s);
  EXPECT_LT(played.at.back(), 720s) << "nobody took its users away";
  EXPECT_TRUE(played.last.starts_with("shop 3: ")) << played.last;
}

TEST(Rehearsal, AnUnmetGateHoldsAndNothingIsPromotedAfterIt) {
  auto given = setup({});
  given.subjects[0].previous = {};
  auto played = play(Rehearsal(given, two_gates()), 0, 2000, [](int i) { return i % 2; });
  EXPECT_EQ(played.what, (std::vector{What::met_users, What::held}));
  EXPECT_EQ(played.at.back(), 10min);
}

TEST(Rehearsal, TheTimeBeforeIsTheBaselineWhereNothingServesBeside) {
  auto given = setup({rule("latency.p95 > 200% of baseline", run::Consequence::hold)});
  Rehearsal rehearsal(given, two_gates());
  Windows windows(1s);
  for (int i = 0; i < 60; ++i) rehearsal.see(windows.next({}, tally(100, 0, 10ms)));
  std::vector<Decision> all;
  for (int i = 0; i < 60 && all.size() < 2; ++i)
    for (auto& d : rehearsal.see(windows.next(tally(100, 0, 30ms)))) all.push_back(d);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].what, What::held);
}

TEST(Rehearsal, SaysHowFarARecordingCame) {
  EXPECT_EQ(play(Rehearsal(setup({}), two_gates()), 10, 0, [](int) { return 0; }).still, "the candidate met no user");
  EXPECT_EQ(play(Rehearsal(setup({}), two_gates()), 0, 780, [](int) { return 0; }).still,
            "ended in canary/25%, 3m of 20m watched");
}

TEST(Rehearsal, GatesAreTheBakesOfTheRunbook) {
  run::Runbook book;
  book.steps.resize(2);
  book.steps[0].path = "rollout/canary/5%/traffic";
  book.steps[1] = {
      .path = "rollout/canary/5%/bake",
      .call = {"bake", "", "watch",
               spec::object({{"for", {}, spec::from_json(spec::encode(Duration(10min)))},
                             {"pass", {}, spec::from_json(spec::encode(std::vector{condition("error_rate < 1%")}))}})}};
  auto gates = gates_of(book);
  ASSERT_EQ(gates.size(), 1u);
  EXPECT_EQ(gates[0].path, "canary/5%");
  EXPECT_EQ(gates[0].bake, 10min);
  EXPECT_EQ(gates[0].pass.at(0).text, "error_rate < 1%");
}

}  // namespace
}  // namespace davy::judge
