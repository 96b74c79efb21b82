#include "run/run_testing.h"

namespace davy::run {
namespace {

TEST_F(Run, DoesItsStepsInOrderAndEnds) {
  begin({look("check", 0), step("a", 1), step("b", 2)});
  EXPECT_THAT(go(), ElementsAre("check"));
  end();
  EXPECT_THAT(go(), ElementsAre("a"));
  end();
  EXPECT_THAT(go(), ElementsAre("b"));
  end();
  EXPECT_EQ(state_.ended, Ending::done);
  EXPECT_EQ(state_.why, "app 2 serves in production");
}

TEST_F(Run, RunsAWaveInParallel) {
  begin({look("a", 0), look("b", 0), step("c", 1)});
  EXPECT_THAT(go(), ElementsAre("a", "b"));
  end();
  EXPECT_THAT(go(), ElementsAre());
  end();
  EXPECT_THAT(go(), ElementsAre("c"));
}

TEST_F(Run, RefusesWhenACheckFailsBeforeAnythingChanged) {
  begin({look("a", 0), look("b", 0), step("c", 1)});
  go();
  end(Outcome::failed, "no disk");
  EXPECT_FALSE(state_.ended) << "the other check is heard out";
  end(Outcome::failed, "no memory");
  EXPECT_EQ(state_.ended, Ending::refused);
  EXPECT_THAT(state_.why, HasSubstr("no disk"));
}

TEST_F(Run, TakesBackNewestFirstWhenAStepFails) {
  begin({look("check", 0), step("a", 1), step("b", 2), step("c", 3)});
  all_well_until("c");
  end(Outcome::failed, "broken");
  EXPECT_THAT(retreat_order(), ElementsAre("undo c", "undo b", "undo a"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
  EXPECT_THAT(state_.why, HasSubstr("c: broken"));
}

TEST_F(Run, UndoesWhatExistsForItsUndoOnlyWhenItCamePastIt) {
  Step verify{.path = "verify previous", .wave = 1, .undo = {UndoKind::call, {"probe", "", "look", {}}}};
  Step later = verify;
  later.path = "later", later.wave = 4;
  begin({step("a", 0), verify, step("b", 2), step("c", 3), later, step("d", 5)});
  all_well_until("c");
  end(Outcome::failed);
  EXPECT_THAT(retreat_order(), ElementsAre("undo c", "undo b", "undo verify previous", "undo a"));
}

TEST_F(Run, TriesAgainAfterAPauseThatDoubles) {
  auto flaky = step("flaky", 0);
  flaky.tries = 3, flaky.retry_wait = 1s;
  begin({flaky});
  go();
  end(Outcome::failed);
  EXPECT_THAT(go(), ElementsAre());
  EXPECT_EQ(wanted(state_, now_).wake, now_ + 1s);
  now_ += 1s;
  EXPECT_THAT(go(), ElementsAre("flaky"));
  end(Outcome::failed);
  now_ += 1s;
  EXPECT_THAT(go(), ElementsAre());
  now_ += 1s;
  EXPECT_THAT(go(), ElementsAre("flaky"));
  end(Outcome::failed);
  EXPECT_EQ(state_.mode, Mode::retreat);
}

TEST_F(Run, StopsAnAttemptAtItsDeadlineAndCallsItFailed) {
  auto slow = step("slow", 0);
  slow.timeout = 5s;
  begin({slow});
  go();
  now_ += 5s;
  hear(Tick{});
  ASSERT_EQ(wanted(state_, now_).work.front().how, Handling::stop);
  end(Outcome::cancelled);
  EXPECT_EQ(state_.mode, Mode::retreat);
  EXPECT_THAT(state_.why, HasSubstr("no end within 5s"));
}

TEST_F(Run, AsksAPersonWhenNobodySawTheEndOfAStep) {
  begin({step("a", 0), step("b", 1)});
  go();
  end(Outcome::unknown);
  EXPECT_EQ(state_.mode, Mode::held);
  ask("resume");
  EXPECT_EQ(state_.mode, Mode::held) << "must be settled first";
  ask("settle", "done");
  EXPECT_THAT(go(), ElementsAre("b"));
}

TEST_F(Run, RepeatsAStepOfUnknownEndWhenThePlanSaysItMay) {
  auto a = step("a", 0);
  a.repeatable = true;
  begin({a});
  go();
  end(Outcome::unknown);
  now_ += 1min;
  EXPECT_THAT(go(), ElementsAre("a"));
}

TEST_F(Run, ResumesWhatAnEarlierDavyBeganInsteadOfRepeatingIt) {
  begin({step("a", 0)});
  go();
  EXPECT_EQ(wanted(state_, now_).work.front().how, Handling::start);
  hear(Took{{2, "host", "boot", "ann", 2}});
  EXPECT_EQ(wanted(state_, now_).work.front().how, Handling::resume);
}

TEST_F(Run, SkipsAnOptionalStepThatFails) {
  auto redis = look("redis", 0);
  redis.optional = true;
  begin({redis, step("a", 1)});
  go();
  end(Outcome::failed);
  EXPECT_THAT(go(), ElementsAre("a"));
}

TEST_F(Run, AFirstReleaseInTroubleIsTakenDownAndHeld) {
  begin({step("a", 0), step("b", 1)}, true);
  all_well_until("b");
  end(Outcome::failed);
  EXPECT_THAT(retreat_order(), ElementsAre("undo b", "undo a"));
  EXPECT_EQ(state_.mode, Mode::held);
  EXPECT_THAT(state_.why, HasSubstr("nothing to go back to"));
}

TEST_F(Run, AbortLeavesAllAsItStandsOnceWhatRunsIsStopped) {
  begin({step("a", 0), step("b", 1)});
  all_well_until("b");
  ask("abort");
  EXPECT_EQ(wanted(state_, now_).work.front().how, Handling::stop);
  end(Outcome::cancelled);
  EXPECT_EQ(state_.ended, Ending::abandoned);
}

TEST_F(Run, HearsADeskEntryOnce) {
  begin({step("a", 0)});
  hear(Asked{7, {.who = "bob"}, "hold", "", ""});
  auto before = events_.size();
  hear(Asked{7, {.who = "bob"}, "hold", "", ""});
  EXPECT_EQ(events_.size(), before);
}

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
  EXPECT_THAT(go(), ElementsAre("100%/traffic"));
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
  judge(Consequence::investigate);
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
  state_.runbook.subjects.front().previous = {};
  strike();
  EXPECT_FALSE(aside(state_));
}

TEST_F(CanaryRun, NobodyIsGivenToAPreviousReleaseOfWhichAPartIsGone) {
  begin_canary();
  all_well_until("25%/bake");
  auto& steps = state_.runbook.steps;
  steps[2].side = Side::previous, steps[2].subject = 0, steps[2].effect = Effect::changes;  // took an instance from it
  strike();
  EXPECT_FALSE(aside(state_));
}

TEST_F(CanaryRun, HeldIsStillTakenBackByAVerdict) {
  begin_canary();
  all_well_until("5%/bake");
  judge(Consequence::investigate);
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

TEST_F(CanaryRun, SurvivesATripThroughTheJournal) {
  begin_canary();
  all_well_until("25%/bake");
  strike();
  go();
  judge(Consequence::roll_back);
  State again;
  for (auto& e : events_) {
    auto json = encode(e);
    auto back = decode(kind_of(e), json.front(), "event");
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(encode(*back), json);
    fold(again, *back, now_);
  }
  EXPECT_EQ(again.mode, state_.mode);
  EXPECT_EQ(again.open.size(), state_.open.size());
  EXPECT_EQ(again.retreat_to, state_.retreat_to);
}

TEST_F(Run, APersonsAnswerEndsTheStepThatWaitsForThem) {
  Step confirm{.path = "checks/Team lead knows", .wave = 0};
  confirm.call = {"person", "", "confirm", spec::object({{"who", {}, spec::text("team-lead")}})};
  begin({confirm, step("a", 1)});
  go();
  ask("confirm", "qa");
  EXPECT_EQ(state_.open.size(), 1u);
  ask("approve", "team-lead");
  EXPECT_EQ(state_.open.size(), 1u) << "a confirm is not an approval";
  ask("confirm", "team-lead");
  EXPECT_THAT(go(), ElementsAre("a"));
}

Step approval(std::string path, std::int32_t wave) {
  Step s{.path = std::move(path), .wave = wave, .timeout = 4h, .on_trouble = Trouble::hold};
  s.call = {"person", "", "approve", spec::object({{"who", {}, spec::text("owner")}})};
  return s;
}

TEST_F(Run, AnApprovalThatIsTooOldRefusesBeforeAnythingWasChanged) {
  begin({approval("approve", 0), look("check", 1), step("a", 2)});
  go();
  ask("approve", "owner");
  go();
  now_ += 4h + 1s;
  end();
  EXPECT_THAT(go(), ElementsAre("a")) << "it is prepared, but nothing begins";
  EXPECT_EQ(state_.ended, Ending::refused);
  EXPECT_THAT(state_.why, HasSubstr("it holds for 4h"));
}

TEST_F(Run, AnApprovalThatIsTooOldInMidRunIsAskedForAgain) {
  begin({step("a", 0), approval("approve", 1), step("b", 2)});
  go();
  end();
  go();
  ask("approve", "owner");
  ask("hold");
  now_ += 5h;
  ask("resume");
  EXPECT_THAT(go(), ElementsAre("b"));
  EXPECT_TRUE(state_.open.empty()) << "never forward";
  EXPECT_THAT(go(), ElementsAre("approve"));
  ask("approve", "owner");
  EXPECT_THAT(go(), ElementsAre("b"));
  EXPECT_EQ(state_.open.size(), 1u);
}

TEST_F(Run, AnApprovalIsUsedUpByTheFirstChangeAfterIt) {
  begin({approval("approve", 0), step("a", 1), step("b", 2)});
  go();
  ask("approve", "owner");
  go();
  now_ += 5h;
  end();
  EXPECT_THAT(go(), ElementsAre("b"));
  EXPECT_EQ(state_.open.size(), 1u) << "the rollout went on from it in time";
}

// A migration whose undo restores a backup, a maintenance page before and behind it, and users in the end.
class LosingRun : public Run {
 protected:
  Step maintenance(std::string operation, std::int32_t wave) {
    auto s = step("maintenance " + operation, wave);
    s.call = {"maintenance", "file", std::move(operation), {}};
    return s;
  }
  void begin_losing(bool compatible = false) {
    auto migrate = step("migrate", 1);
    migrate.undo.kind = UndoKind::loses;
    migrate.compatible = compatible;
    auto serve = step("serve", 2);
    serve.effect = Effect::exposes;
    begin({maintenance("on", 0), migrate, serve, maintenance("off", 3), step("last", 4)});
  }
  // Users met it, and it is sick: the page is put back, and what becomes of their data is asked.
  void until_asked() {
    all_well_until("last");
    end(Outcome::failed, "sick");
    EXPECT_THAT(undone(), ElementsAre("undo last", "undo maintenance off"));
  }
  std::vector<std::string> undone() {
    std::vector<std::string> out;
    while (!state_.ended && state_.mode == Mode::retreat) {
      for (auto& one : go()) out.push_back(one);
      end();
    }
    return out;
  }
};

TEST_F(LosingRun, RestoresByItselfWhileNobodyCouldWrite) {
  begin_losing();
  all_well_until("serve");
  end(Outcome::failed, "sick");
  EXPECT_THAT(undone(), ElementsAre("undo serve", "undo migrate", "undo maintenance on"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
}

TEST_F(LosingRun, AsksAPersonOnceUsersMayHaveWritten) {
  begin_losing();
  until_asked();
  EXPECT_EQ(state_.mode, Mode::held);
  EXPECT_THAT(state_.why, HasSubstr("would lose what users wrote"));
  EXPECT_THAT(state_.why, HasSubstr("--data keep"));
  EXPECT_TRUE(closed(state_)) << "nobody writes any more";
}

TEST_F(LosingRun, DoesNotAskTheSameThingAtEachVerdict) {
  begin_losing();
  until_asked();
  auto before = events_.size();
  hear(Judged{"errors", Consequence::roll_back, "still sick", {}});
  EXPECT_EQ(events_.size(), before + 1);  // the verdict is noted
}

TEST_F(LosingRun, RestoresAllTheSameWhenAPersonSaysSo) {
  begin_losing();
  until_asked();
  ask("rollback", "restore");
  EXPECT_THAT(undone(), ElementsAre("undo serve", "undo migrate", "undo maintenance on"));
}

TEST_F(LosingRun, KeepsTheDataWhenAPersonSaysSoAndTheEndingTells) {
  begin_losing();
  until_asked();
  ask("rollback", "keep");
  EXPECT_THAT(undone(), ElementsAre("undo serve", "undo maintenance on"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
  EXPECT_THAT(state_.why, HasSubstr("What users wrote is kept: migrate stays"));
}

TEST_F(Run, LeavesAMigrationAsItIsWhenAPersonSaysKeep) {
  auto migrate = step("migrate", 0);
  migrate.data = true;
  begin({migrate, step("serve", 1), step("last", 2)});
  all_well_until("last");
  ask("rollback", "keep");
  std::vector<std::string> undone;
  while (!state_.ended) {
    for (auto& one : go()) undone.push_back(one);
    end(state_.open.front().way == Way::undo ? Outcome::ok : Outcome::cancelled);
  }
  EXPECT_THAT(undone, ElementsAre("undo last", "undo serve"));
  EXPECT_THAT(state_.why, HasSubstr("What users wrote is kept: migrate stays"));
}

TEST_F(LosingRun, KeepsByItselfWhatThePreviousReleaseCanLiveWith) {
  begin_losing(true);
  all_well_until("last");
  end(Outcome::failed, "sick");
  EXPECT_EQ(state_.mode, Mode::retreat);
  EXPECT_THAT(undone(), testing::Not(testing::Contains("undo migrate")));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
}

TEST_F(Run, HandsOnWhatAStepMade) {
  begin({step("backup", 0), step("migrate", 1)});
  go();
  hear(Finished{.id = state_.open.front().id, .outcome = Outcome::ok, .made = spec::text("/backups/1")});
  EXPECT_EQ(spec::scalar_text(state_.at(0).made), "/backups/1");
}

TEST_F(Run, TakesBackARunThatWasDone) {
  begin({step("a", 0), look("b", 1), step("c", 2)});
  all_well_until("nothing");
  ASSERT_EQ(state_.ended, Ending::done);
  auto back = taking_back(state_, "r1");
  state_ = {};
  back.who = {.who = "eve"}, back.why = "users complain";
  apply(back);
  hear(Took{{1, "host", "boot", "eve", 1}});
  EXPECT_EQ(state_.mode, Mode::retreat);
  EXPECT_THAT(go(), ElementsAre("undo c"));
  EXPECT_EQ(spec::scalar_text(state_.open.front().found), "before");
  end();
  EXPECT_THAT(go(), ElementsAre("undo a"));
  end();
  EXPECT_EQ(state_.ended, Ending::rolled_back);
  EXPECT_THAT(state_.why, HasSubstr("eve: users complain"));
}

TEST_F(Run, VariablesAreThoseOfTheServiceAndSide) {
  Runbook book{.environment = "production", .version = "2"};
  book.setup.variables = {{"url", "http://shop"}};
  book.subjects = {{"web", {"2", "web@2"}, {"1", "web@1"}}, {"worker", {"2", "worker@2"}, {"0", "worker@0"}}};
  auto web = book.variables(0, Side::candidate), back = book.variables(1, Side::previous),
       plan = book.variables(kNone, Side::candidate);
  EXPECT_EQ(web["version"] + web["previous"] + web["service"] + web["url"], "21webhttp://shop");
  EXPECT_EQ(back["version"] + back["previous"] + back["release"], "02worker@0");
  EXPECT_EQ(plan["version"] + plan["previous"], "2");  // they differ: which one is nobody's to say
}

}  // namespace
}  // namespace davy::run
