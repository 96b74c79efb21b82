#include <gmock/gmock.h>

#include "view/story_testing.h"

namespace davy::view {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

run::Runbook book() {
  run::Runbook out{.environment = "production", .version = "2"};
  out.subjects = {
      {.service = "shop", .candidate = {.version = "2", .id = "shop@2"}, .previous = {.version = "1", .id = "shop@1"}}};
  run::Step migrate{.path = "migrate", .call = {"command", "", "run", {}}, .effect = run::Effect::changes};
  run::Step bake{.path = "bake", .says = "watch", .wave = 1, .call = {"bake", "", "watch", {}}};
  run::Step knows{.path = "Knows", .says = "Knows: confirmation by team lead", .wave = 2};
  knows.call = {"person", "", "confirm", spec::object({{"who", {}, spec::text("team lead")}})};
  out.steps = {migrate, bake, knows};
  return out;
}

RunView after(std::vector<run::Event> events) {
  std::vector<TimedEvent> all{{1, run::Started{.runbook = book(), .who = {.who = "ann"}, .why = "a fix"}, Time{}}};
  all.push_back({2, run::AttemptStarted{.id = 1, .step = 0}, Time{}});
  all.push_back({3, run::AttemptEnded{.id = 1}, Time{}});
  for (auto& e : events) all.push_back({static_cast<std::int64_t>(all.size() + 1), e, Time{}});
  return project("r", all, {}, Time{});
}

TEST(Standing, AHoldForARuleIsWaivedByItsWholeText) {
  auto v = after({run::Held{.question = "slow", .about = "latency.p95 > 30ms"}});
  EXPECT_THAT(v.next, ElementsAre("davy resume r", "davy waive r \"latency.p95 > 30ms\" --why WHY", "davy rollback r"));
}

TEST(Standing, AHoldForABakeIsPromoted) {
  auto v = after({run::Held{.question = "3 of 20 requests", .about = "bake"}});
  EXPECT_THAT(v.next, ElementsAre("davy resume r", "davy promote r --why WHY", "davy rollback r"));
}

TEST(Standing, WhoDidNotAnswerInTimeMayAnswerNow) {
  auto v = after({run::Held{.question = "no end within 1h", .about = "Knows"}});
  EXPECT_EQ(v.next.front(), "davy confirm r \"team lead\"");
  EXPECT_THAT(v.next_command, HasSubstr("davy waive r Knows"));
}

TEST(Standing, WhatIsWaitedForIsToldInFullAndUntilWhen) {
  auto v = after({run::AttemptStarted{.id = 2, .step = 2, .due = Time(std::chrono::hours(4))}});
  EXPECT_THAT(v.waits, ElementsAre("Knows: confirmation by team lead, until 1970-01-01T04:00:00.000Z"));
  EXPECT_THAT(v.next, ElementsAre("davy confirm r \"team lead\""));
}

TEST(Standing, ThatUsersCannotBeBroughtHomeIsSaidWithTheWayOut) {
  auto all = book();
  run::Step traffic{
      .path = "traffic", .subject = 0, .call = {"router", "shop", "shift", {}}, .effect = run::Effect::exposes};
  run::Step home{.path = "home/shop", .wave = 3, .subject = 0};
  home.undo = {run::UndoKind::call, {"router", "shop", "home", {}}};
  all.steps = {traffic, home};
  std::vector<run::Event> events{run::Started{.runbook = all},
                                 run::AttemptStarted{.id = 1, .step = 0},
                                 run::AttemptEnded{.id = 1},
                                 run::RetreatBegan{.why = "20 % fail"},
                                 run::AttemptStarted{.id = 2, .step = 1, .way = run::Way::undo},
                                 run::AttemptEnded{.id = 2, .outcome = run::Outcome::failed, .says = "nobody is up"}};
  std::vector<TimedEvent> timed;
  for (auto& e : events) timed.push_back({static_cast<std::int64_t>(timed.size() + 1), e, Time{}});
  auto first_try = project("r", {timed.begin(), timed.end() - 1}, {}, Time{});
  EXPECT_EQ(first_try.question_or_sentence,
            "20 % fail. The users of shop are not home yet: bringing them home began at 00:00:00");
  auto v = project("r", timed, {}, Time{});
  EXPECT_THAT(v.question_or_sentence,
              HasSubstr("The users of shop cannot be brought home yet: nobody is up. It is tried on"));
  EXPECT_THAT(v.next, ElementsAre("davy abort r"));
}

TEST(Standing, AfterARunThatSomebodyLeftBothVersionsAreOfferedAsWhatServes) {
  auto v = after({run::Ended{.how = run::Ending::abandoned}});
  EXPECT_THAT(v.next, ElementsAre("davy deploy VERSION --serves 1", "davy deploy VERSION --serves 2", "davy report r"));
}

TEST(Standing, AStepWhoseEndNobodySawIsSettledOrTakenBack) {
  auto v = after({run::Held{.question = "was it done?", .unknown = 0}});
  EXPECT_THAT(v.next, ElementsAre("davy confirm r done", "davy confirm r not-done", "davy rollback r"));
  EXPECT_EQ(v.unknown, 0);
}

TEST(Standing, WhatWouldLoseUsersDataIsOfferedBothWays) {
  auto all = book();
  all.steps[0].undo.kind = run::UndoKind::loses;
  run::Step serve{.path = "serve", .call = {"command", "", "run", {}}, .effect = run::Effect::exposes};
  all.steps[1] = serve;
  std::vector<run::Event> events{run::Started{.runbook = all}, run::AttemptStarted{.id = 1, .step = 0},
                                 run::AttemptEnded{.id = 1},   run::AttemptStarted{.id = 2, .step = 1},
                                 run::AttemptEnded{.id = 2},   run::Held{.question = "20 % fail"}};
  std::vector<TimedEvent> timed;
  for (auto& e : events) timed.push_back({static_cast<std::int64_t>(timed.size() + 1), e, Time{}});
  EXPECT_THAT(project("r", timed, {}, Time{}).next,
              ElementsAre("davy resume r", "davy rollback r --data restore", "davy rollback r --data keep"));
}

TEST(Standing, HowLongSomebodyHasIsToldOnceByTheHour) {
  auto all = book();
  all.steps[2].says = "Knows: confirmation by team lead, within 4h";
  auto v = project("r",
                   {{1, run::Started{.runbook = all}, Time{}},
                    {2, run::AttemptStarted{.id = 2, .step = 2, .due = Time(std::chrono::hours(4))}, Time{}}},
                   {}, Time{});
  EXPECT_THAT(v.waits, ElementsAre("Knows: confirmation by team lead, until 1970-01-01T04:00:00.000Z"));
}

TEST(Standing, CommandsThatDoNotFitARowGetRowsOfTheirOwn) {
  auto v = after({run::Held{.question = "slow", .about = "latency.p95 > 30ms"}});
  std::string all;
  for (auto& row : frame(v, {.width = 60, .height = 24}, Time{})) all += row + "\n";
  EXPECT_THAT(all, HasSubstr("  davy resume r\n"));
  EXPECT_THAT(all, HasSubstr("  davy waive r \"latency.p95 > 30ms\" --why WHY\n"));
}

}  // namespace
}  // namespace davy::view
