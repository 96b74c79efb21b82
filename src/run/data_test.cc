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
