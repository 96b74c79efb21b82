#include "run/run_testing.h"

namespace davy::run {
namespace {

TEST_F(CanaryRun, AStrikeTakesUsersAwayForAWhileAndTheBakeGoesOnAfterwards) {
  begin_canary();
  all_well_until("25%/bake");
  auto due = state_.open.front().due;
  now_ += 1s;
  strike();
  EXPECT_THAT(go(), ElementsAre("aside 25%/traffic")) << "at once, and whatever share it has: all of it";
  end_other();
  EXPECT_EQ(state_.open.front().due, due + 30s) << "the bake stands still, and has time enough";
  EXPECT_EQ(wanted(state_, now_).wake, now_ + 30s);
  now_ += 29s;
  EXPECT_THAT(go(), ElementsAre());
  now_ += 1s;
  EXPECT_THAT(go(), ElementsAre("25%/traffic"));
  end_other();
  EXPECT_FALSE(aside(state_));
  EXPECT_EQ(state_.judges, 1) << "the same judge";
  end();
  EXPECT_THAT(go(), ElementsAre()) << "what it does now that it is tried again decides, though its bake is over";
  hear(Tried{});
  EXPECT_THAT(go(), ElementsAre("100%/traffic"));
}

TEST_F(CanaryRun, NothingGoesOnWhileItIsTriedAgain) {
  begin_canary();
  all_well_until("100%/bake");
  now_ += 2min;
  strike();
  go();
  end_other();
  end();  // the bake had all that it had asked for
  now_ += 30s;
  EXPECT_THAT(go(), ElementsAre("100%/traffic"));
  end();
  EXPECT_EQ(state_.trial, 2min) << "as long as the first bad moment took to be seen";
  now_ += 1h;
  hear(Tick{});
  EXPECT_NE(state_.mode, Mode::ended) << "an hour that nobody saw";
  judge(Consequence::roll_back);
  EXPECT_EQ(state_.mode, Mode::retreat);
}

TEST_F(CanaryRun, ThatNobodyMetItWhenItWasTriedAgainIsForPeople) {
  begin_canary();
  all_well_until("100%/bake");
  strike();
  go();
  end_other();
  end();
  now_ += 30s;
  go();
  end();
  hear(Tried{.met = false});
  EXPECT_EQ(state_.mode, Mode::held);
  EXPECT_THAT(state_.why, HasSubstr("not one request came"));
  ask("resume");
  EXPECT_EQ(state_.mode, Mode::ended) << "a person said that it is enough";
}

TEST_F(CanaryRun, AStrikeWhileMoreUsersAreGivenTakesThoseAwayToo) {
  begin_canary();
  all_well_until("25%/traffic");
  now_ += 1s;
  strike();
  ASSERT_EQ(wanted(state_, now_).work.size(), 1U);
  EXPECT_EQ(wanted(state_, now_).work[0].how, Handling::stop);
  end();  // too late: they are there
  EXPECT_TRUE(aside(state_));
  EXPECT_THAT(go(), ElementsAre("aside 25%/traffic"));
}

TEST_F(CanaryRun, ASecondVerdictAfterAStrikeTakesAllBack) {
  begin_canary(Trouble::roll_back);
  all_well_until("25%/bake");
  strike();
  go();
  end_other();
  now_ += 30s;
  go();
  end_other();
  judge(Consequence::roll_back);
  end(Outcome::cancelled);
  EXPECT_THAT(retreat_order(), ElementsAre("undo 25%/traffic", "undo 5%/traffic", "undo start"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
}

TEST_F(CanaryRun, TheSameMomentToldAgainByAJudgeAfterACrashIsNoSecondStrike) {
  begin_canary();
  all_well_until("5%/bake");
  auto moment = now_ += 10s;
  strike();
  strike();
  EXPECT_THAT(go(), ElementsAre("aside 5%/traffic"));
  end_other();
  now_ += 30s;
  go();
  end_other();
  now_ += 5s;
  hear(Judged{"count test", Consequence::note, "one moment", {}, moment - 500ms, true});
  EXPECT_FALSE(aside(state_));
  strike();
  EXPECT_TRUE(aside(state_)) << "another moment is one";
}

TEST_F(CanaryRun, UsersAreTakenAwayByTheNextDavyWhereThisOneDied) {
  begin_canary();
  all_well_until("5%/bake");
  strike();
  go();
  hear(Took{{2, "host", "boot", "ann", 2}});
  auto work = wanted(state_, now_).work;
  ASSERT_EQ(work.size(), 2u);
  EXPECT_EQ(work.back().attempt.way, Way::aside);
  EXPECT_EQ(work.back().how, Handling::resume);
}

TEST_F(CanaryRun, WhereUsersCannotBeTakenAwayItIsTriedAgainUntilItsTimeIsOver) {
  begin_canary();
  all_well_until("5%/bake");
  strike();
  go();
  end_other(Outcome::failed);
  EXPECT_EQ(state_.mode, Mode::forward) << "the judge goes on with the users that it has";
  now_ += 1s;
  EXPECT_THAT(go(), ElementsAre("aside 5%/traffic"));
  end_other(Outcome::failed);
  now_ += 29s;
  EXPECT_THAT(go(), ElementsAre("5%/traffic"));
}

TEST_F(CanaryRun, HeldUsersAreTakenAwayAndComeBackOnlyWhenItGoesOn) {
  begin_canary();
  all_well_until("5%/bake");
  judge(Consequence::hold);
  strike();
  EXPECT_THAT(go(), ElementsAre("aside 5%/traffic"));
  end_other();
  now_ += 10min;
  EXPECT_THAT(go(), ElementsAre());
  ask("resume");
  EXPECT_THAT(go(), ElementsAre("5%/traffic"));
  EXPECT_EQ(state_.judges, 2);
}

TEST_F(CanaryRun, AVerdictWhileUsersAreAwayGivesNobodyBack) {
  begin_canary();
  all_well_until("25%/bake");
  strike();
  go();
  end_other();
  judge(Consequence::roll_back);
  end(Outcome::cancelled);
  EXPECT_THAT(retreat_order(), ElementsAre("undo 25%/traffic"));
  EXPECT_EQ(state_.mode, Mode::held) << "a step back";
  ask("resume");
  EXPECT_THAT(go(), ElementsAre("5%/traffic")) << "the share of the last weight that passed is given anew";
}

TEST_F(CanaryRun, NobodyIsTakenAwayFromAFirstRelease) {
  begin_canary();
  all_well_until("100%/bake");
  auto book = state_.runbook;
  book.subjects.front().previous = {};
  state_.carry_out(std::move(book));
  strike();
  EXPECT_FALSE(aside(state_));
}

TEST_F(CanaryRun, NobodyIsGivenToAPreviousReleaseOfWhichAPartIsGone) {
  begin_canary();
  all_well_until("25%/bake");
  auto book = state_.runbook;
  auto& taking = book.steps[2];
  taking.side = Side::previous, taking.subject = 0, taking.effect = Effect::changes;  // took an instance from it
  state_.carry_out(std::move(book));
  strike();
  EXPECT_FALSE(aside(state_));
}

TEST_F(CanaryRun, UsersComeBackAtOnceWhereNobodyElseIsLeft) {
  begin_canary();
  all_well_until("25%/bake");
  strike();
  go();
  end_other();
  hear(NobodyHome{"nobody of app 1 is up", 0});
  EXPECT_EQ(state_.mode, Mode::held) << "what becomes of it is for people";
  EXPECT_THAT(state_.why, HasSubstr("nobody of app 1 is up"));
  EXPECT_THAT(go(), ElementsAre("25%/traffic")) << "held or not: its errors are better than no answer";
  hear(NobodyHome{"nobody of app 1 is up", 0});
  EXPECT_THAT(go(), ElementsAre()) << "said once";
  end_other();
  EXPECT_FALSE(aside(state_));
  now_ += 1min;
  strike();
  EXPECT_THAT(go(), ElementsAre("aside 25%/traffic")) << "another moment is one";
}

TEST_F(CanaryRun, NobodyHomeMeansNothingWhereUsersAreWithTheCandidate) {
  begin_canary();
  all_well_until("25%/bake");
  hear(NobodyHome{"nobody of app 1 is up", 0});
  EXPECT_EQ(state_.mode, Mode::forward);
}

}  // namespace
}  // namespace davy::run
