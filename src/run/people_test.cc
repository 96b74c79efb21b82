#include "run/run_testing.h"
#include "run/ways_out.h"

namespace davy::run {
namespace {

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

TEST_F(Run, OfTwoThingsThatAreAskedOfOnePersonTheAnswerSaysWhich) {
  auto of = [](const char* path, const char* item) {
    Step s{.path = path, .wave = 0, .timeout = 4h};
    s.call = {"person", "", "confirm", spec::object({{"who", {}, spec::text("dev")}, {"item", {}, spec::text(item)}})};
    return s;
  };
  begin({of("check/a/Indexes", "Indexes"), of("check/a/Loading", "Loading"), step("a", 1)});
  go();
  EXPECT_EQ(ask("confirm", "dev"), "say which of these: Indexes; Loading");
  EXPECT_EQ(state_.open.size(), 2u) << "nobody ticks what they did not mean";
  EXPECT_EQ(ask("confirm", "Loading"), "noted");
  EXPECT_EQ(ask("confirm", "dev"), "noted") << "one is left";
  EXPECT_THAT(go(), ElementsAre("a"));
}

// Two people, where the plan says so: a claimed role makes nobody another.
TEST_F(Run, WhoeverBeganTheRunDoesNotApproveWhereAnotherMust) {
  auto approve = approval("approve", 0);
  std::get<spec::Map>(approve.call.args.is).push_back({"by-another", {}, spec::text("true")});
  begin({approve, step("a", 1)});
  state_.began_by = {.who = "ann", .uid = 1000};
  go();
  auto says = [&](Speaker who) {
    auto answer = asked_person(state_, {.who = std::move(who), .ask = "approve", .about = "owner"});
    return answer.events.empty() ? answer.text : "yes";
  };
  EXPECT_THAT(says({.who = "ann", .uid = 1000, .roles = {"owner"}}), HasSubstr("nobody but another"));
  EXPECT_THAT(says({.who = "ann", .via = "token", .proven = true}), HasSubstr("nobody but another"));
  state_.began_by = {.who = "root", .uid = 0, .roles = {"ann"}};
  EXPECT_THAT(says({.who = "ann", .via = "token", .proven = true}), HasSubstr("nobody but another"));
  state_.began_by = {.who = "ann", .uid = 1000};
  EXPECT_EQ(says({.who = "bo", .uid = 1001}), "yes");
  EXPECT_EQ(says({.who = "bo", .via = "token", .proven = true}), "yes");
}

TEST_F(Run, AVerdictTakesBackWhileAPersonIsWaitedFor) {
  auto traffic = step("traffic", 0);
  traffic.effect = Effect::exposes;
  begin({traffic, approval("approve", 1), step("b", 2)});
  go();
  end();
  EXPECT_THAT(go(), ElementsAre("approve"));
  hear(Judged{"error_rate > 5%", Consequence::roll_back, "20 % fail", {}});
  EXPECT_EQ(state_.mode, Mode::retreat) << "that nobody answers would hold the run; that users meet errors does not";
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

}  // namespace
}  // namespace davy::run
