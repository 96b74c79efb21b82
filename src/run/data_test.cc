#include "run/run_testing.h"

namespace davy::run {
namespace {

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

// What a restore brings back is as old as the copy: users wrote between that and the page.
TEST_F(LosingRun, WhatWasWrittenSinceTheCopyIsAskedAbout) {
  auto copy = step("backup", 0), migrate = step("migrate", 2);
  copy.effect = Effect::looks;
  migrate.undo.kind = UndoKind::loses;
  migrate.undo.call = {"backup", "postgres", "restore", spec::object({{"step", {}, spec::text("backup")}})};
  begin({copy, maintenance("on", 1), migrate, step("last", 3)});
  all_well_until("last");
  end(Outcome::failed, "sick");
  undone();
  EXPECT_EQ(state_.mode, Mode::held);
  EXPECT_THAT(state_.why, HasSubstr("would lose what users wrote"));
}

TEST_F(LosingRun, WhatNobodyCouldWriteSinceTheCopyIsNot) {
  auto copy = step("backup", 1), migrate = step("migrate", 2);
  copy.effect = Effect::looks;
  migrate.undo.kind = UndoKind::loses;
  migrate.undo.call = {"backup", "postgres", "restore", spec::object({{"step", {}, spec::text("backup")}})};
  begin({maintenance("on", 0), copy, migrate, step("last", 3)});
  all_well_until("last");
  end(Outcome::failed, "sick");
  EXPECT_THAT(undone(), testing::Contains("undo migrate"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
}

// In place, without a page: what served was stopped before the copy was begun, and nothing else has been started.
TEST_F(LosingRun, WhereNobodyRunsNobodyWrites) {
  auto stop = step("stop", 0), copy = step("backup", 1), migrate = step("migrate", 2), start = step("start", 3);
  stop.subject = start.subject = 0, stop.side = Side::previous;
  stop.effect = Effect::parts, stop.call = {"platform", "process", "stop", {}};
  copy.effect = Effect::looks;
  migrate.undo = {UndoKind::loses,
                  {"backup", "postgres", "restore", spec::object({{"step", {}, spec::text("backup")}})}};
  start.effect = Effect::exposes, start.call = {"platform", "process", "start", {}};
  begin({stop, copy, migrate, start, step("last", 4)});
  all_well_until("migrate");
  end(Outcome::failed, "sick");
  EXPECT_THAT(undone(), testing::Contains("undo migrate"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);

  state_ = {}, events_.clear();
  begin({stop, copy, migrate, start, step("last", 4)});
  all_well_until("last");
  end(Outcome::failed, "sick");
  undone();
  EXPECT_EQ(state_.mode, Mode::held) << "the candidate was up: " << state_.why;
}

// It would take back what stands behind that point as well.
TEST_F(LosingRun, ARestoreStaysBeforeAPointOfNoReturn) {
  auto copy = step("backup", 1), first = step("first", 2), second = step("second", 3);
  copy.effect = Effect::looks;
  first.undo = {UndoKind::loses, {"backup", "postgres", "restore", spec::object({{"step", {}, spec::text("backup")}})}};
  second.undo = {UndoKind::impossible, {}};
  begin({maintenance("on", 0), copy, first, second, step("last", 4)});
  all_well_until("last");
  end(Outcome::failed, "sick");
  EXPECT_THAT(undone(), testing::Not(testing::Contains("undo first")));
}

// Whatever the step takes that is taken back by it.
TEST_F(LosingRun, BringingACopyBackHasTime) {
  auto copy = step("backup", 1), migrate = step("migrate", 2);
  copy.effect = Effect::looks;
  migrate.timeout = 1min;
  migrate.undo = {UndoKind::loses,
                  {"backup", "postgres", "restore", spec::object({{"step", {}, spec::text("backup")}})}};
  begin({maintenance("on", 0), copy, migrate, step("last", 3)});
  all_well_until("last");
  end(Outcome::failed, "sick");
  while (go() != std::vector<std::string>{"undo migrate"}) end();
  EXPECT_EQ(state_.open.front().due, now_ + 4h);
}

TEST_F(LosingRun, KeepsByItselfWhatThePreviousReleaseCanLiveWith) {
  begin_losing(true);
  all_well_until("last");
  end(Outcome::failed, "sick");
  EXPECT_EQ(state_.mode, Mode::retreat);
  EXPECT_THAT(undone(), testing::Not(testing::Contains("undo migrate")));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
}

}  // namespace
}  // namespace davy::run
