#include "run/ways_out.h"

#include <gmock/gmock.h>

#include "run/run_testing.h"

namespace davy::run {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

Step confirm(std::string path, std::int32_t wave, std::string who) {
  Step s{.path = std::move(path), .wave = wave, .call = {"person", "", "confirm", {}}, .timeout = 1h};
  s.call.args = spec::object({{"who", {}, spec::text(who)}, {"item", {}, spec::text("Knows")}});
  s.on_trouble = Trouble::hold;
  return s;
}

class WaysOut : public CanaryRun {
 protected:
  void begin_with_rule() {
    begin_canary();
    auto book = state_.runbook;
    for (auto& step : book.steps)
      if (step.path.ends_with("bake")) step.call = {"bake", "", "watch", {}};
    book.rules = {{.when = {.text = "latency.p95 > 30ms"}, .then = Consequence::hold},
                  {.when = {.text = "error_rate > 1%"}, .then = Consequence::hold}};
    state_.carry_out(std::move(book));
    all_well_until("5%/bake");
  }
  void slow() { hear(Judged{"latency.p95 > 30ms", Consequence::hold, "p95 is 40ms", {}}); }
};

TEST_F(WaysOut, AWaivedRuleHoldsTheRunNoMore) {
  begin_with_rule();
  slow();
  ASSERT_EQ(state_.mode, Mode::held);
  EXPECT_EQ(state_.held_about, "latency.p95 > 30ms");
  EXPECT_THAT(ask("waive", "latency", "the new index is cold"), HasSubstr("the run goes on"));
  EXPECT_EQ(state_.mode, Mode::forward);
  slow();
  EXPECT_EQ(state_.mode, Mode::forward) << "somebody knows";
  EXPECT_THAT(std::get<VerdictGiven>(events_.back()).sentence, HasSubstr("waived by bob: the new index is cold"));
  hear(Judged{"error_rate > 1%", Consequence::hold, "2 % fail", {}});
  EXPECT_EQ(state_.mode, Mode::held) << "the other rule is not waived";
}

TEST_F(WaysOut, AWaivedRuleTakesNothingBack) {
  begin_with_rule();
  ask("waive", "error_rate", "the probe of a monitoring that is known to be wrong");
  hear(Judged{"error_rate > 1%", Consequence::roll_back, "2 % fail", {}});
  EXPECT_EQ(state_.mode, Mode::forward);
}

TEST_F(WaysOut, AWaiverThatIsOverIsJudgedAgain) {
  begin_with_rule();
  now_ += 1s;
  ask("waive until 1970-01-01T00:10:00Z", "latency", "caches fill");
  slow();
  ASSERT_EQ(state_.mode, Mode::forward);
  EXPECT_EQ(wanted(state_, now_).wake, Time(10min));
  now_ = Time(10min);
  hear(Tick{});
  EXPECT_EQ(state_.judged_from, now_) << "a judge that begins anew tells again what holds";
  slow();
  EXPECT_EQ(state_.mode, Mode::held);
}

TEST_F(WaysOut, AWaiverSaysWhyAndWhatAndEndsLater) {
  begin_with_rule();
  EXPECT_THAT(ask("waive", "latency"), HasSubstr("say why"));
  EXPECT_THAT(ask("waive", "throughput", "why"),
              HasSubstr("nothing is called `throughput`; what may be waived: latency.p95 > 30ms"));
  EXPECT_THAT(ask("waive", "%", "why"), HasSubstr("error_rate > 1%"));
  EXPECT_THAT(ask("waive until 1969-01-01T00:00:00Z", "latency", "why"), HasSubstr("that time is over"));
  EXPECT_THAT(ask("waive until noon", "latency", "why"), HasSubstr("not understood"));
}

TEST_F(WaysOut, AWordThatMayMeanSeveralNamesThem) {
  begin({look("before/disk", 0), look("before/disk space", 0), step("a", 1)});
  EXPECT_THAT(ask("waive", "before", "why"), HasSubstr("say which of these: before/disk; before/disk space"));
  EXPECT_THAT(ask("waive", "disk", "why"), HasSubstr("before/disk is waived")) << "a whole name is meant first";
}

TEST_F(WaysOut, AWaivedCheckThatFailsIsPassedOver) {
  begin({look("disk", 0), step("a", 1)});
  ask("waive", "disk", "it is being enlarged");
  go();
  end(Outcome::failed, "3 GB");
  EXPECT_THAT(go(), ElementsAre("a"));
}

TEST_F(WaysOut, ACheckForWhichTheRunIsHeldIsWaivedAndItGoesOn) {
  auto check = look("seen by support", 1);
  check.on_trouble = Trouble::hold;
  begin({step("a", 0), check, step("b", 2)});
  all_well_until("seen by support");
  end(Outcome::failed, "no answer");
  ASSERT_EQ(state_.mode, Mode::held);
  ask("waive", "seen by support", "they are asleep");
  EXPECT_THAT(go(), ElementsAre("b"));
}

TEST_F(WaysOut, APersonWhoIsWaivedIsNotWaitedFor) {
  begin({confirm("before/Knows", 0, "team-lead"), confirm("before/Knows too", 1, "support"), step("a", 2)});
  go();
  ask("waive", "team-lead", "on holiday");
  ask("waive", "support", "at night nobody is there");
  go();
  EXPECT_THAT(go(), ElementsAre("a"));
}

TEST_F(WaysOut, WhatChangesTheWorldIsNotWaived) {
  begin({look("disk", 0), step("migrate", 1), step("notice", 2)});
  EXPECT_THAT(ask("waive", "migrate", "why"), HasSubstr("nothing is called `migrate`"));
}

TEST_F(WaysOut, PromoteEndsTheBakeThatGoesOn) {
  begin_with_rule();
  EXPECT_THAT(ask("promote", "", "checked by hand"), HasSubstr("rules go on judging"));
  EXPECT_THAT(go(), ElementsAre("25%/traffic"));
  EXPECT_TRUE(wanted(state_, now_).judge);
  end();
  EXPECT_THAT(go(), ElementsAre("25%/bake")) << "only that one";
  judge(Consequence::roll_back);
  EXPECT_EQ(state_.mode, Mode::retreat);
}

TEST_F(WaysOut, PromoteAllEndsThoseToCome) {
  begin_with_rule();
  ask("promote", "all", "the outage is worse");
  for (auto traffic : {"25%/traffic", "100%/traffic"}) {
    EXPECT_THAT(go(), ElementsAre(traffic));
    end();
    go();  // the bake, which is over as it begins
  }
  EXPECT_EQ(state_.ended, Ending::done);
}

TEST_F(WaysOut, PromoteAnswersABakeThatCouldNotTell) {
  begin_with_rule();
  end(Outcome::inconclusive, "3 of 20 requests came");
  ASSERT_EQ(state_.mode, Mode::held);
  ask("promote", "", "it is night");
  EXPECT_THAT(go(), ElementsAre("25%/traffic"));
}

TEST_F(WaysOut, PromoteAnswersABakeWhoseUsersWereTakenAwaySince) {
  begin_with_rule();
  hear(Judged{"test", Consequence::note, "the candidate fails more", {}, now_, true});
  ASSERT_TRUE(aside(state_));
  end(Outcome::inconclusive, "3 of 20 requests came");
  ASSERT_EQ(state_.mode, Mode::held);
  EXPECT_THAT(ask("promote", "", "known"), HasSubstr("rules go on judging"));
  EXPECT_EQ(state_.mode, Mode::forward);
}

TEST_F(WaysOut, WhatSomebodyElseHeldIsNotPromoted) {
  begin_with_rule();
  ask("hold", "", "the database is moved");
  EXPECT_THAT(ask("promote", "all", "looked"), HasSubstr("the database is moved"));
  EXPECT_EQ(state_.mode, Mode::held);
}

TEST_F(WaysOut, AHeldRunIsHeldForASecondReasonToo) {
  begin_with_rule();
  end(Outcome::inconclusive, "3 of 20 requests came");
  EXPECT_THAT(ask("hold", "", "the database is moved"), HasSubstr("too"));
  EXPECT_THAT(state_.why, AllOf(HasSubstr("the database is moved"), HasSubstr("3 of 20 requests came")));
  EXPECT_THAT(ask("hold", "", "the database is moved"), HasSubstr("already"));
  EXPECT_THAT(ask("promote"), HasSubstr("the database is moved")) << "who answers one does not answer the other";
  EXPECT_EQ(state_.mode, Mode::held);
  ask("resume");
  EXPECT_EQ(state_.mode, Mode::forward);
}

TEST_F(WaysOut, PromoteAnswersNoHoldButThatOfABake) {
  begin_with_rule();
  slow();
  EXPECT_THAT(ask("promote"), HasSubstr("p95 is 40ms")) << "a rule is waived, or asked again by resume";
  EXPECT_EQ(state_.mode, Mode::held);
}

TEST_F(WaysOut, WhoeverSlipsWhereAStepsEndIsAskedForIsToldWhatIsAsked) {
  begin({step("a", 0), step("b", 1)});
  go();
  end(Outcome::unknown);
  EXPECT_THAT(ask("confirm", "don"), HasSubstr("what became of a: `davy confirm RUN done` or `not-done`"));
}

TEST_F(WaysOut, NothingIsPromotedWhereNoBakeGoesOnOrAPersonIsAskedSomethingElse) {
  begin({step("a", 0), step("b", 1)});
  go();
  EXPECT_THAT(ask("promote"), HasSubstr("nothing to promote"));
  end(Outcome::unknown);
  EXPECT_THAT(ask("promote", "all"), HasSubstr("nothing to promote"));
  EXPECT_EQ(state_.mode, Mode::held);
}

TEST_F(WaysOut, ALateConfirmationCountsWhenTheRunStillWaits) {
  begin({step("a", 0), confirm("after/Knows", 1, "lead"), step("b", 2)});
  all_well_until("after/Knows");
  now_ += 2h;
  hear(Tick{});
  end(Outcome::cancelled);
  ASSERT_EQ(state_.mode, Mode::held);
  EXPECT_THAT(ask("approve", "lead"), HasSubstr("nobody waits for `lead`")) << "it is a confirmation";
  EXPECT_THAT(ask("confirm", "lead"), HasSubstr("noted"));
  EXPECT_THAT(go(), ElementsAre("b"));
}

TEST_F(WaysOut, WhoeverAnswersTheWrongQuestionIsToldWhatIsWaitedFor) {
  begin({confirm("before/Knows", 0, "team-lead"), step("a", 1)});
  go();
  EXPECT_EQ(ask("approve", "team-lead"), "nobody waits for `team-lead`: it waits for: confirm team-lead");
}

TEST_F(WaysOut, AReplacedRunGoesBackAndSaysForWhat) {
  begin_with_rule();
  EXPECT_EQ(ask("replace", "app 3"), "rolling back");
  end(Outcome::cancelled);
  EXPECT_THAT(retreat_order(), ElementsAre("undo 5%/traffic", "undo start"));
  EXPECT_EQ(state_.ended, Ending::replaced);
  EXPECT_THAT(state_.why, HasSubstr("taken back for app 3"));
}

TEST_F(WaysOut, WhatThePreviousReleaseCannotLiveWithIsNotReplaced) {
  auto migrate = step("migrate", 0);
  migrate.data = true;
  begin({migrate, step("a", 1)});
  all_well_until("a");
  EXPECT_THAT(ask("replace", "app 3"), HasSubstr("migrate is not compatible-with-previous"));
  EXPECT_EQ(state_.mode, Mode::forward);
}

TEST_F(WaysOut, WhatThePreviousReleaseCanLiveWithStaysWhenARunIsReplaced) {
  auto migrate = step("migrate", 0);
  migrate.data = migrate.compatible = true;
  begin({migrate, step("a", 1)});
  all_well_until("a");
  ask("replace", "app 3");
  end(Outcome::cancelled);
  EXPECT_THAT(retreat_order(), ElementsAre("undo a"));
}

}  // namespace
}  // namespace davy::run
