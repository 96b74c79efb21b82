// Questions through a real keeper: what they answer, and that nothing of them is left.
#include <gmock/gmock.h>

#include "io/io_testing.h"

namespace davy::io {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Result<ports::CommandEnd> asked(World& world, ports::CommandSpec spec) { return world.run(world.client->ask(spec)); }

// Names of folders in the spool: one for each command that was launched.
int folders(const World& world) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(world.options.spool)) count += entry.is_directory();
  return count;
}

TEST(Question, IsAnsweredAndLeavesNothing) {
  World world;
  auto end = asked(world, World::sh("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->exit_code, 3);
  EXPECT_EQ(end->output, "out\nerr\n");
  EXPECT_EQ(end->output_path, "");
  EXPECT_EQ(folders(world), 0);
}

TEST(Question, IsAskedAnewEachTime) {
  World world;
  auto spec = World::sh("echo again >> " + (world.scratch / "count") + "; wc -l < " + (world.scratch / "count"));
  EXPECT_EQ(asked(world, spec)->output, "1\n");
  EXPECT_EQ(asked(world, spec)->output, "2\n");
}

TEST(Question, HasFolderAndVariables) {
  World world;
  auto spec = World::sh("echo \"$WORD $(pwd)\"");
  spec.env["WORD"] = "with blanks";
  spec.cwd = world.scratch.path();
  EXPECT_EQ(asked(world, spec)->output, "with blanks " + world.scratch.path() + "\n");
}

TEST(Question, GetsItsSecretsAndSaysNone) {
  World world;
  ::setenv("TOKEN", "open-sesame", 1);
  world.secrets.add_environment({"TOKEN"});
  ::unsetenv("TOKEN");
  auto spec = World::sh("echo \"$TOKEN ${#TOKEN}\"");
  spec.secret_env["TOKEN"] = {"TOKEN"};
  EXPECT_EQ(asked(world, spec)->output, "[TOKEN] 11\n");
  spec.secret_env["OTHER"] = {"NOBODY_KNOWS"};
  EXPECT_FALSE(asked(world, spec));
}

TEST(Question, KeepsHeadAndTailOfALongAnswer) {
  World world;
  auto spec = World::sh("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
  spec.keep_output = 2000;
  auto end = asked(world, spec);
  ASSERT_TRUE(end);
  EXPECT_LT(end->output.size(), 2200U);
  EXPECT_THAT(end->output, StartsWith("line 0\nline 1\n"));
  EXPECT_THAT(end->output, EndsWith("line 19998\nline 19999\n"));
  EXPECT_THAT(end->output, HasSubstr("bytes of output were dropped here]"));
}

TEST(Question, IsBoundedWhateverIsWanted) {
  World world;
  auto spec = World::sh("head -c 20000000 /dev/zero | tr '\\0' x");
  spec.keep_output = 100'000'000;
  auto end = asked(world, spec);
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_LT(end->output.size(), 5'000'000U);
  EXPECT_THAT(end->output, HasSubstr("dropped here]"));
}

TEST(Question, EndsInTimeWithAllOfItsGroup) {
  World world;
  auto pid = world.scratch / "pid";
  auto end =
      asked(world, World::sh("sh -c 'trap \"\" TERM; echo $$ > " + pid + "; while :; do sleep 1; done' & wait", 500ms));
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_TRUE(end->timed_out);
  EXPECT_FALSE(process_lives(pid_in(pid)));
}

TEST(Question, LeavesNothingInTheBackground) {
  World world;
  auto end = asked(world, World::sh("sleep 600 & echo $!"));
  ASSERT_TRUE(end);
  auto left = static_cast<pid_t>(std::atoi(end->output.c_str()));
  ASSERT_GT(left, 0);
  EXPECT_TRUE(eventually([&] { return !process_lives(left); }));
}

// The one that ignores TERM shows that the whole group is followed until it is gone.
std::string never_ending(const std::string& pid) {
  return "sh -c 'trap \"\" TERM; echo $$ > " + pid + "; while :; do sleep 1; done' & wait";
}

TEST(Question, IsEndedWhenItsCallIsCancelled) {
  World world;
  auto call = world.going(world.client->ask(World::sh(never_ending(world.scratch / "pid"))));
  auto pid = pid_in(world.scratch / "pid");
  ASSERT_TRUE(process_lives(pid));
  call.cancel();
  EXPECT_EQ(call.get().error().code, Code::cancelled);
  EXPECT_TRUE(eventually([&] { return !process_lives(pid); }));
  EXPECT_EQ(asked(world, World::sh("echo on"))->output, "on\n") << "the connection serves others";
}

TEST(Question, IsEndedWhenWhoAskedIsGone) {
  World world;
  auto call = world.going(world.client->ask(World::sh(never_ending(world.scratch / "pid"))));
  auto pid = pid_in(world.scratch / "pid");
  world.client.reset();
  EXPECT_EQ(call.get().error().code, Code::cancelled);
  EXPECT_TRUE(eventually([&] { return !process_lives(pid); }));
}

TEST(Question, IsAskedAgainWhenTheKeeperIsKilled) {
  World world;
  auto first = world.scratch / "first";
  auto text = "if [ -e " + first + " ]; then echo second; else echo $$ > " + first + "; exec sleep 600; fi";
  auto call = world.going(world.client->ask(World::sh(text)));
  auto pid = pid_in(first);
  world.end_keeper();
  auto end = call.get();
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->output, "second\n");
  EXPECT_TRUE(eventually([&] { return !process_lives(pid); })) << "nobody would hear the first";
}

TEST(Question, ManyAtOnceAreKeptApart) {
  World world;
  std::vector<Going<ports::CommandEnd>> calls;
  for (int i = 0; i < 40; ++i) calls.push_back(world.going(world.client->ask(World::sh("exit " + std::to_string(i)))));
  for (int i = 0; i < 40; ++i) EXPECT_EQ(calls[static_cast<std::size_t>(i)].get()->exit_code, i);
}

TEST(Question, NeedsAProgram) {
  World world;
  EXPECT_EQ(asked(world, {}).error().code, Code::invalid);
  EXPECT_EQ(asked(world, {.argv = {"/nowhere/no-such-program"}})->exit_code, 127);
}

}  // namespace
}  // namespace davy::io
