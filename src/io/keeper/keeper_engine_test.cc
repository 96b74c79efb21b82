// The engine's restarts: what a keeper does when its engine vanishes.
#include <gmock/gmock.h>

#include "io/io_testing.h"

namespace davy::io {
namespace {

using testing::HasSubstr;

struct EngineWorld : World {
  void start(const std::string& text) {
    options.engine = {"/bin/sh", "-c", "echo started >> " + (scratch / "starts") + "; " + text};
    options.restart_pauses = {20ms, 40ms, 60ms};
    options.clean_ends = {0, 3};
    ASSERT_TRUE(start_keeper("/proc/self/exe", options));
  }
  std::size_t starts() const { return split(slurp(scratch / "starts"), '\n').size() - 1; }
};

TEST(Engine, IsStartedThreeTimesMoreThenNot) {
  for (const std::string text : {"kill -KILL $$", "exit 1"}) {
    EngineWorld world;
    world.start(text);
    EXPECT_TRUE(world.keeper_gone());
    EXPECT_EQ(world.starts(), 4U);
    EXPECT_THAT(slurp(world.spool("keeper.log")), HasSubstr("it is not started again"));
  }
}

TEST(Engine, IsNotStartedAgainAfterACleanEnd) {
  for (const std::string text : {"exit 0", "exit 3"}) {
    EngineWorld world;
    world.start("echo says; " + text);
    EXPECT_TRUE(world.keeper_gone());
    EXPECT_EQ(world.starts(), 1U);
    EXPECT_EQ(slurp(world.spool("engine.log")), "says\n");
    EXPECT_FALSE(std::filesystem::exists(world.spool("ctl")));
  }
}

TEST(Engine, IsNotStartedAgainByAKeeperThatIsToEnd) {
  EngineWorld world;
  world.start("exec sleep 600");
  ASSERT_TRUE(eventually([&] { return world.starts() == 1; }));
  auto keeper = world.keeper();
  std::string children;
  EXPECT_TRUE(eventually([&] {
    children = slurp("/proc/" + std::to_string(keeper) + "/task/" + std::to_string(keeper) + "/children");
    return !children.empty();
  }));
  ::kill(keeper, SIGTERM);
  EXPECT_TRUE(world.keeper_gone()) << "no command runs";
  auto engine = static_cast<pid_t>(std::atoi(children.c_str()));
  EXPECT_TRUE(process_lives(engine)) << "the engine is not ended";
  ::kill(engine, SIGKILL);
}

TEST(Engine, ThatLostItsKeeperIsWatchedByTheNext) {
  EngineWorld world;
  auto pids = world.scratch / "pids";
  world.start("echo $$ >> " + pids + "; [ $(wc -l < " + pids + ") = 1 ] && exec sleep 600; exit 0");
  ASSERT_TRUE(eventually([&] { return slurp(pids).ends_with('\n'); }));
  world.end_keeper();
  world.options.engine_pid = static_cast<pid_t>(std::atoi(slurp(pids).c_str()));
  ASSERT_TRUE(start_keeper("/proc/self/exe", world.options));
  EXPECT_EQ(world.starts(), 1U) << "it runs: no second one";
  ::kill(world.options.engine_pid, SIGKILL);
  EXPECT_TRUE(eventually([&] { return world.starts() == 2; }));
  EXPECT_TRUE(world.keeper_gone());
}

TEST(Engine, IsOutlivedByItsKeeperWhileACommandRuns) {
  EngineWorld world;
  world.start("sleep 0.3");
  auto call = world.going(world.client->launch("1", World::sh("sleep 1; exit 4")));
  EXPECT_EQ(call.get()->exit_code, 4);
  EXPECT_TRUE(world.keeper_gone());
}

// It was stopped by a debugger, or hangs: users are back by then, and the run must go on.
TEST(Engine, ThatSaysNothingWhenTheWayBackWasTakenIsKilledAndStartedAgain) {
  EngineWorld world;
  world.options.patience = 300ms;
  world.start("[ -e " + (world.scratch / "moved") + " ] && exit 0; exec sleep 600");
  world.connect();
  ports::Act move{.argv = {"/bin/sh", "-c", "touch " + (world.scratch / "moved")}};
  ports::Act look{.argv = {"/bin/sh", "-c", "ls " + (world.scratch / "moved") + " || true"}};
  ASSERT_TRUE(
      world.run(world.client->arm({.moves = {{.what = "home", .acts = {move}, .proof = look, .expect = {"moved"}}}})));
  EXPECT_TRUE(eventually([&] { return world.starts() == 2; }));
  EXPECT_TRUE(world.keeper_gone());
  EXPECT_THAT(slurp(world.spool("keeper.log")), HasSubstr("says nothing: it is killed"));
}

}  // namespace
}  // namespace davy::io
