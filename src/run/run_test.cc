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

TEST_F(Run, WhatOnlyAnEngineDoesGetsAllItsTimeFromTheNextOne) {
  auto start = step("start", 0), tell = step("tell", 0), ask = step("ask", 0);
  start.call = {"platform", "", "start", {}};
  ask.call = {"person", "", "approve", {}};
  start.repeatable = ask.repeatable = true;
  begin({start, tell, ask});
  go();
  auto due = state_.open.front().due;
  now_ += 1h;
  hear(Took{{2, "host", "boot", "ann", 2}});
  EXPECT_EQ(state_.open[0].due, now_ + start.timeout) << "nobody did anything meanwhile";
  EXPECT_EQ(state_.open[1].due, due) << "a command goes on without an engine";
  EXPECT_EQ(state_.open[2].due, due) << "and a person may answer";
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

TEST_F(Run, AFirstReleaseThatWasTakenDownEndsAsThatWhoeverEndsIt) {
  begin({step("a", 0), step("b", 1)}, true);
  all_well_until("b");
  end(Outcome::failed, "exit 1");
  retreat_order();
  ask("rollback", "", "we try tomorrow");
  EXPECT_EQ(state_.ended, Ending::rolled_back) << "it served users: that it was refused would be no record of it";
  EXPECT_EQ(
      state_.why,
      "app 2 was taken back: b: exit 1. Nobody of app is left: it had no release before this one. Ended: asked by "
      "bob: we try tomorrow");
}

TEST_F(Run, AReasonThatIsAQuestionHasItsStop) {
  begin({step("a", 0), step("b", 1)});
  all_well_until("b");
  end(Outcome::failed, "may it write there?");
  retreat_order();
  EXPECT_THAT(state_.why, HasSubstr("b: may it write there? app 1 serves again, verified"));
}

TEST_F(Run, TheEndingSaysThatNobodyOfAServiceIsLeftThatHadNoReleaseBefore) {
  Runbook book{.environment = "production", .version = "2"};
  book.subjects = {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}, {"api", {"2", "api@2"}, {}}};
  book.steps = {step("a", 0), step("b", 1)};
  apply(Started{.runbook = book, .hash = "hash", .who = {.who = "ann"}});
  hear(Took{{1, "host", "boot", "ann", 1}});
  all_well_until("b");
  end(Outcome::failed, "exit 1");
  retreat_order();
  EXPECT_EQ(state_.ended, Ending::rolled_back);
  EXPECT_THAT(state_.why, HasSubstr("shop 2, api 2 was taken back: "));
  EXPECT_TRUE(
      state_.why.ends_with("shop 1 serves again, verified. Nobody of api is left: it had no release before this one"))
      << state_.why;
}

TEST_F(Run, AbortLeavesAllAsItStandsOnceWhatRunsIsStopped) {
  begin({step("a", 0), step("b", 1)});
  all_well_until("b");
  ask("abort");
  EXPECT_EQ(wanted(state_, now_).work.front().how, Handling::stop);
  end(Outcome::cancelled);
  EXPECT_EQ(state_.ended, Ending::abandoned);
}

TEST_F(Run, AbortSaysThatWhatAPlatformReplacesByItselfGoesOn) {
  auto ship = step("ship", 0);
  ship.call = {"roller", "replace", "begin", {}};
  ship.subject = 0;
  begin({ship, step("b", 1)});
  go();
  EXPECT_THAT(ask("abort"), HasSubstr("what was begun for app goes on without Davy"));
  end(Outcome::cancelled);
  EXPECT_THAT(state_.why, HasSubstr("what was begun for app goes on without Davy"));
}

TEST_F(Run, HearsADeskEntryOnce) {
  begin({step("a", 0)});
  hear(Asked{7, {.who = "bob"}, "hold", "", ""});
  auto before = events_.size();
  hear(Asked{7, {.who = "bob"}, "hold", "", ""});
  EXPECT_EQ(events_.size(), before);
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
