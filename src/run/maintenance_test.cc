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
