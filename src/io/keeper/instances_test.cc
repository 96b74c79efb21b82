// Instances: they outlive whoever started them, and stop leaves nothing behind.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include "io/io_testing.h"

namespace davy::io {
namespace {

using testing::HasSubstr;

ports::InstanceSpec shell(std::string text, std::string note = {}) {
  return {.argv = {"/bin/sh", "-c", std::move(text)}, .note = std::move(note)};
}
const std::string kKey = "storefront.production/2.1.0/0";

TEST(Instances, LiveFromStartToForget) {
  World world;
  auto state = world.run(world.client->start(kKey, shell("echo up; exec sleep 600", "port 8001")));
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_TRUE(state->alive);
  EXPECT_EQ(state->key, kKey);
  EXPECT_EQ(state->note, "port 8001");
  EXPECT_LT(std::chrono::abs(state->started - std::chrono::system_clock::now()), 10s);
  EXPECT_TRUE(eventually([&] { return slurp(state->log_path) == "up\n"; }));
  EXPECT_EQ(world.run(world.client->forget(kKey)).error().code, Code::refused);

  auto again = world.run(world.client->start(kKey, shell("exec sleep 601")));
  EXPECT_EQ(again->pid, state->pid) << "it runs already";

  EXPECT_TRUE(world.run(world.client->stop(kKey, 5s)));
  EXPECT_FALSE(process_lives(static_cast<pid_t>(state->pid)));
  auto list = world.run(world.client->list("storefront."));
  ASSERT_EQ(list->size(), 1U);
  EXPECT_FALSE(list->front().alive);
  EXPECT_EQ(list->front().signal, SIGTERM);
  EXPECT_TRUE(world.run(world.client->stop(kKey, 5s))) << "fine when it is gone";
  EXPECT_TRUE(world.run(world.client->forget(kKey)));
  EXPECT_TRUE(world.run(world.client->list("")).value().empty());
}

TEST(Instances, SurviveClientAndKeeperAndAreFoundAgain) {
  World world;
  auto state = world.run(world.client->start(kKey, shell("trap 'exit 0' TERM; while :; do sleep 0.1; done")));
  ASSERT_TRUE(state);
  world.client.reset();
  world.end_keeper();
  world.connect();
  auto list = world.run(world.client->list(""));
  ASSERT_EQ(list->size(), 1U);
  EXPECT_TRUE(list->front().alive);
  EXPECT_EQ(world.keeper(), 0) << "to list needs no keeper";
  EXPECT_TRUE(world.run(world.client->stop(kKey, 5s))) << "by a keeper that did not start it";
  EXPECT_FALSE(process_lives(static_cast<pid_t>(state->pid)));
}

TEST(Instances, AreDeadAfterAReboot) {
  World world;
  auto state = world.run(world.client->start(kKey, shell("exec sleep 600")));
  auto boot = world.options.boot;
  world.options.boot = "00000000-another-boot";
  world.connect();
  EXPECT_FALSE(world.run(world.client->list(""))->front().alive);
  world.options.boot = boot;
  world.connect();
  EXPECT_TRUE(world.run(world.client->stop(kKey, 5s)));
}

TEST(Instances, TellHowTheyEndedAndCanBeStartedAnew) {
  World world;
  world.run(world.client->start(kKey, shell("exit 3")));
  auto ended = [&] { return world.run(world.client->list(""))->front().exit_code == 3; };
  EXPECT_TRUE(eventually(ended));
  auto state = world.run(world.client->start(kKey, shell("exec sleep 600")));
  EXPECT_TRUE(state->alive);
  EXPECT_FALSE(state->exit_code);
  world.run(world.client->stop(kKey, 5s));
}

TEST(Instances, SayWhyTheyCannotStart) {
  World world;
  auto state = world.run(world.client->start(kKey, {.argv = {"/no/such/program"}}));
  ASSERT_FALSE(state);
  EXPECT_THAT(state.error().message, HasSubstr("starting '/no/such/program': No such file"));
  auto nowhere = world.run(world.client->start(kKey, {.argv = {"/bin/sh", "-c", "true"}, .cwd = "/no/such/release"}));
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, HasSubstr("`cwd` /no/such/release is not there"));
  EXPECT_EQ(world.run(world.client->start("a b", shell("true"))).error().code, Code::invalid);
  EXPECT_EQ(world.run(world.client->start("", shell("true"))).error().code, Code::invalid);
}

TEST(Instances, StopKillsWhatIgnoresTerm) {
  World world;
  auto path = world.scratch / "pid";
  auto state =
      world.run(world.client->start(kKey, shell("trap '' TERM; echo $$ > " + path + "; while :; do sleep 0.1; done")));
  ASSERT_EQ(pid_in(path), state->pid) << "deaf from here on";
  EXPECT_TRUE(world.run(world.client->stop(kKey, 100ms)));
  EXPECT_FALSE(process_lives(static_cast<pid_t>(state->pid)));
}

// A rollback that comes in the middle of a start looks for what to stop: it must find it.
TEST(Instances, AStartThatIsCancelledHasStarted) {
  World world;
  auto starting = world.going(world.client->start(kKey, shell("exec sleep 600")));
  starting.cancel();
  EXPECT_TRUE(starting.get());
  auto list = world.run(world.client->list(""));
  ASSERT_EQ(list->size(), 1U);
  EXPECT_TRUE(list->front().alive);
  EXPECT_TRUE(world.run(world.client->stop(kKey, 5s)));
}

// A rollback starts again what a step before it was still stopping.
TEST(Instances, AStopThatWasGivenUpSparesTheOneStartedSince) {
  World world;
  auto path = world.scratch / "pid";
  auto text = "trap 'exit 0' TERM; (trap '' TERM; echo $(exec sh -c 'echo $PPID') > " + path +
              "; while :; do sleep 0.1; done) & while :; do sleep 0.05; done";
  auto first = world.run(world.client->start(kKey, shell(text)));
  ASSERT_TRUE(first);
  auto stubborn = pid_in(path);
  auto stopping = world.going(world.client->stop(kKey, 1s));
  EXPECT_TRUE(eventually([&] { return !process_lives(static_cast<pid_t>(first->pid)); }));
  auto second = world.run(world.client->start(kKey, shell("exec sleep 600")));
  ASSERT_TRUE(second);
  EXPECT_NE(second->pid, first->pid);
  EXPECT_TRUE(stopping.get());
  EXPECT_FALSE(process_lives(stubborn)) << "what was to be stopped is gone";
  EXPECT_TRUE(process_lives(static_cast<pid_t>(second->pid)));
  EXPECT_TRUE(world.run(world.client->stop(kKey, 5s)));
}

// A service that forks: its parent ends at once, the daemon has left group and session.
TEST(Instances, StopFindsADaemon) {
  World world;
  auto path = world.scratch / "pid";
  auto text = "setsid sh -c 'echo $$ > " + path + "; exec sleep 600' & sleep 0.2; exit 0";
  auto state = world.run(world.client->start(kKey, shell(text)));
  ASSERT_TRUE(state);
  auto daemon = pid_in(path);
  ASSERT_GT(daemon, 0);
  EXPECT_TRUE(eventually([&] { return world.run(world.client->list(""))->front().exit_code == 0; }));
  EXPECT_FALSE(world.run(world.client->list(""))->front().alive);
  EXPECT_TRUE(process_lives(daemon));
  EXPECT_EQ(world.run(world.client->forget(kKey)).error().code, Code::refused) << "something of it lives";
  EXPECT_TRUE(world.run(world.client->stop(kKey, 5s)));
  EXPECT_FALSE(process_lives(daemon));
}

TEST(Instances, StopLeavesTheOthersAlone) {
  World world;
  auto one = world.run(world.client->start("a/1", shell("exec sleep 600")));
  auto ten = world.run(world.client->start("a/10", shell("exec sleep 600")));
  EXPECT_EQ(world.run(world.client->list("a/1"))->size(), 2U);
  EXPECT_TRUE(world.run(world.client->stop("a/1", 5s)));
  EXPECT_FALSE(process_lives(static_cast<pid_t>(one->pid)));
  EXPECT_TRUE(process_lives(static_cast<pid_t>(ten->pid)));
  EXPECT_TRUE(world.run(world.client->stop("a/10", 5s)));
}

// Two checkouts of one project on one machine have the same keys.
TEST(Instances, StopLeavesThoseOfAnotherStateDirectoryAlone) {
  World ours, theirs;
  ASSERT_TRUE(ours.run(ours.client->start(kKey, shell("exec sleep 600"))));
  auto other = theirs.run(theirs.client->start(kKey, shell("exec sleep 600")));
  ASSERT_TRUE(other);
  EXPECT_TRUE(ours.run(ours.client->stop(kKey, 5s)));
  EXPECT_TRUE(process_lives(static_cast<pid_t>(other->pid)));
  EXPECT_TRUE(theirs.run(theirs.client->stop(kKey, 5s)));
}

// What could not be looked at is not absent: else a candidate that lives on would count as stopped.
TEST(Instances, ThatCannotBeLookedAtAreAnError) {
  World world;
  std::filesystem::create_directories(world.options.instances + "/a~b");
  std::ofstream(world.options.instances + "/a~b/begun") << "1 1 b";
  InstanceStore store(world.options.instances, "b");
  EXPECT_TRUE(store.list(""));
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  rlimit none{0, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &none);
  auto found = store.list("");
  auto one = store.find("a/b");
  ::setrlimit(RLIMIT_NOFILE, &before);
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr("Too many open files"));
  EXPECT_FALSE(one);
}

}  // namespace
}  // namespace davy::io
