#include "providers/probe/supervisor.h"

#include <gmock/gmock.h>

#include "providers/platform/supervisor_testing.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::HasSubstr;

Program program(const char* name, ProgramState state, Duration since = {}) {
  return {.group = name, .name = name, .state = state, .pid = state == ProgramState::running ? 7 : 0, .since = since};
}

TEST(SupervisorProbe, IsWellWhileEachRuns) {
  auto seen = observed({program("a", ProgramState::running, 2h), program("b", ProgramState::running, 90s)});
  EXPECT_TRUE(seen.ok);
  EXPECT_EQ(seen.says, "2 RUNNING, the youngest for 1m 30s");
  EXPECT_EQ(seen.numbers["uptime"], 90);
  EXPECT_EQ(seen.numbers["running"], 2);
  EXPECT_EQ(seen.numbers["programs"], 2);
  EXPECT_EQ(seen.words["value"], "RUNNING");
}

TEST(SupervisorProbe, NamesEachThatDoesNotRun) {
  auto fatal = program("b", ProgramState::fatal);
  fatal.spawn_error = "Exited too quickly";
  auto seen = observed({program("a", ProgramState::running, 2h), fatal, program("c", ProgramState::stopped)});
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.says, "1 of 3 RUNNING: b is FATAL: Exited too quickly; c is STOPPED");
  EXPECT_EQ(seen.words["value"], "FATAL");
  EXPECT_EQ(seen.numbers["uptime"], 0);
  EXPECT_EQ(observed({fatal}).says, "b is FATAL: Exited too quickly");
}

TEST(SupervisorProbe, ThatCannotBeAskedIsAnError) {
  World world;
  FakeSupervisord supervisord(world);
  supervisord.all["backend"] = {.state = ProgramState::running, .pid = 3, .since = world.clock.now()};
  auto look = [&](std::string which) { return run(perform({.programs = std::move(which)}, world.outside, {})); };
  ASSERT_TRUE(look("all"));
  EXPECT_TRUE(look("all")->ok);
  EXPECT_THAT(because(look("frontend")), HasSubstr("supervisor has no program frontend; it has backend"));
  supervisord.all.clear();
  EXPECT_FALSE(look("all")) << "nobody is not everybody";
  supervisord.gone = true;
  EXPECT_EQ(look("all").error().code, Code::unavailable);
}

}  // namespace
}  // namespace davy::providers
