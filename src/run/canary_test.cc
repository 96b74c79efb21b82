#include "run/run_testing.h"

namespace davy::run {
namespace {

TEST_F(CanaryRun, IsJudgedFromTheFirstUserOn) {
  begin_canary();
  all_well_until("5%/traffic");
  EXPECT_TRUE(wanted(state_, now_).judge);
  EXPECT_TRUE(exposed(state_));
}

TEST_F(CanaryRun, TakesAllBackOnAVerdictAndCancelsTheBake) {
  begin_canary();
  all_well_until("5%/bake");
  judge(Consequence::roll_back);
  ASSERT_EQ(wanted(state_, now_).work.front().how, Handling::stop);
  end(Outcome::cancelled);
  EXPECT_THAT(retreat_order(), ElementsAre("undo 5%/traffic", "undo start"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
}

TEST_F(CanaryRun, StepsBackToTheWeightThatPassedAndBakesItAgain) {
  begin_canary();
  all_well_until("25%/bake");
  judge(Consequence::roll_back);
  end(Outcome::cancelled);
  EXPECT_THAT(retreat_order(), ElementsAre("undo 25%/traffic"));
  EXPECT_EQ(state_.mode, Mode::held);
  EXPECT_TRUE(wanted(state_, now_).judge) << "held keeps judging";
  ask("resume");
  EXPECT_THAT(go(), ElementsAre("5%/bake"));
  end();
  EXPECT_THAT(go(), ElementsAre("25%/traffic"));
}

TEST_F(CanaryRun, StepsBackTwiceAtMost) {
  begin_canary();
  for (int i = 0; i < 2; ++i) {
    all_well_until("25%/bake");
    judge(Consequence::roll_back);
    end(Outcome::cancelled);
    retreat_order();
    ask("resume");
  }
  all_well_until("25%/bake");
  judge(Consequence::roll_back);
  end(Outcome::cancelled);
  EXPECT_THAT(retreat_order(), ElementsAre("undo 25%/traffic", "undo 5%/traffic", "undo start"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
}

TEST_F(CanaryRun, HeldIsStillTakenBackByAVerdict) {
  begin_canary();
  all_well_until("5%/bake");
  judge(Consequence::hold);
  EXPECT_EQ(state_.mode, Mode::held);
  judge(Consequence::roll_back);
  EXPECT_EQ(state_.mode, Mode::retreat);
}

TEST_F(CanaryRun, ACanaryThatTakesDaysKeepsItsWayBack) {
  begin_canary();
  all_well_until("5%/bake");
  now_ += 3 * 24h;
  judge(Consequence::roll_back);
  EXPECT_EQ(state_.mode, Mode::retreat);
}

TEST_F(CanaryRun, HoldsInsteadOfTakingBackWhenTheRollbackWindowIsOver) {
  auto traffic = step("100%/traffic", 0), bake = look("100%/bake", 1), wait = look("wait", 2);
  traffic.effect = Effect::exposes;
  bake.call.port = wait.call.port = "bake";
  begin({traffic, bake, wait});
  all_well_until("100%/bake");
  now_ += 3h;
  all_well_until("wait");
  now_ += 119min;
  auto in_time = decide(state_, Judged{"rule", Consequence::roll_back, "bad", {}}, now_);
  EXPECT_TRUE(std::ranges::any_of(in_time, [](auto& e) { return std::holds_alternative<RetreatBegan>(e); }))
      << "the bake's three hours belong to the rollout";
  now_ += 2min;
  judge(Consequence::roll_back);
  EXPECT_EQ(state_.mode, Mode::held);
  EXPECT_THAT(state_.why, HasSubstr("window"));
}

TEST_F(CanaryRun, HoldsWhenABakeSawTooLittle) {
  begin_canary();
  all_well_until("5%/bake");
  end(Outcome::inconclusive, "3 requests");
  EXPECT_EQ(state_.mode, Mode::held);
  ask("resume");
  EXPECT_THAT(go(), ElementsAre("5%/bake"));
}

TEST_F(CanaryRun, FollowsTheKeeperThatMovedTrafficBack) {
  begin_canary();
  all_well_until("5%/bake");
  hear(Returned{now_, "traffic to app@1"});
  end(Outcome::cancelled);
  EXPECT_THAT(retreat_order(), ElementsAre("undo 5%/traffic", "undo start"));
}

}  // namespace
}  // namespace davy::run
