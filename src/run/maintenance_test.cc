#include "run/maintenance.h"

#include <gtest/gtest.h>

namespace davy::run {
namespace {

State state_of(std::vector<std::string> operations) {
  State out;
  Runbook book;
  for (auto& operation : operations) {
    Step one;
    one.call = {operation == "work" ? "command" : "maintenance", "router", operation, {}};
    book.steps.push_back(std::move(one));
  }
  out.carry_out(std::move(book));
  out.steps.resize(operations.size());
  return out;
}

TEST(InMaintenance, FromTheMomentInWhichItIsBeingSwitchedOnUntilItIsOff) {
  auto s = state_of({"work", "on", "work", "off"});
  EXPECT_FALSE(in_maintenance(s));
  s.open.push_back({.id = 1, .step = 1});
  EXPECT_TRUE(in_maintenance(s)) << "some users may meet the page already";
  s.open.clear(), s.at(1).applied = true;
  EXPECT_TRUE(in_maintenance(s));
  s.open.push_back({.id = 2, .step = 3});
  EXPECT_TRUE(in_maintenance(s)) << "being switched off is not off";
  s.open.clear(), s.at(3).applied = true;
  EXPECT_FALSE(in_maintenance(s));
}

// stop and start of one service, in place.
State restarted(bool routed = false) {
  State out;
  Runbook book;
  book.subjects = {{"app", {"2", "app@2"}, {"1", "app@1"}}};
  book.setup.services = {{.name = "app"}};
  if (routed) book.setup.services[0].router = Chosen{"haproxy", {}};
  for (auto [side, operation] : {std::pair{Side::previous, "stop"}, {Side::candidate, "start"}}) {
    Step one{.subject = 0, .side = side};
    one.call = {"platform", "process", operation, {}};
    if (side == Side::previous) one.effect = Effect::parts;
    book.steps.push_back(std::move(one));
  }
  out.carry_out(std::move(book));
  out.steps.resize(2);
  return out;
}

TEST(StoppedInPlace, FromTheMomentInWhichItIsBeingStoppedUntilTheOtherIsUp) {
  auto s = restarted();
  EXPECT_FALSE(stopped_in_place(s));
  s.open.push_back({.id = 1, .step = 0});
  EXPECT_TRUE(stopped_in_place(s));
  s.open.clear(), s.at(0).applied = s.at(0).tainted = true;
  EXPECT_TRUE(stopped_in_place(s)) << "nobody is started yet";
  s.open.push_back({.id = 2, .step = 1});
  EXPECT_TRUE(stopped_in_place(s)) << "nor is whoever is being started";
  s.open.clear(), s.at(1).applied = s.at(1).tainted = true;
  EXPECT_FALSE(stopped_in_place(s)) << "what fails now is the candidate's";
}

TEST(StoppedInPlace, OnTheWayBackUntilThePreviousOneIsUp) {
  auto s = restarted();
  for (auto& step : s.steps) step.applied = step.tainted = true;
  s.mode = Mode::retreat;
  s.open.push_back({.id = 3, .step = 1, .way = Way::undo});
  EXPECT_TRUE(stopped_in_place(s));
  s.open.clear(), s.at(1).undone = true;
  EXPECT_TRUE(stopped_in_place(s));
  s.at(0).undone = true;
  EXPECT_FALSE(stopped_in_place(s));
}

TEST(StoppedInPlace, ARestartBetweenTwoLooksIsSeen) {
  auto s = restarted();
  auto before = changes_in_place(s);
  for (auto& step : s.steps) step.applied = step.tainted = true;
  EXPECT_FALSE(stopped_in_place(s));
  EXPECT_NE(changes_in_place(s), before);
  before = changes_in_place(s);
  for (auto& step : s.steps) step.undone = true;
  EXPECT_NE(changes_in_place(s), before) << "nor is the way back missed";
}

TEST(StoppedInPlace, BehindARouterOthersHaveUsersAndAreJudged) {
  auto s = restarted(true);
  s.at(0).applied = s.at(0).tainted = true;
  EXPECT_FALSE(stopped_in_place(s));
}

TEST(InMaintenance, OnTheWayBackItIsAsItWasBeforeTheStepThatIsUndone) {
  auto s = state_of({"on", "work", "off"});
  for (auto& step : s.steps) step.applied = true;
  s.at(2).undone = true;
  EXPECT_TRUE(in_maintenance(s));
}

TEST(InMaintenance, IsOverWhenAllOfItWasTakenBack) {
  auto s = state_of({"on", "off"});
  for (auto& step : s.steps) step.applied = step.undone = true;
  EXPECT_FALSE(in_maintenance(s));
}

}  // namespace
}  // namespace davy::run
