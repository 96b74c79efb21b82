// Commands through a real keeper, while everything around them is killed.
#include <gmock/gmock.h>
#include <spawn.h>
#include <sys/wait.h>

#include "io/io_testing.h"

extern char** environ;

namespace davy::io {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A Davy in a process of its own, to be killed.
struct OtherDavy {
  pid_t pid = 0;
  OtherDavy(const World& world, std::string key, std::string command) {
    std::vector<std::string> words = {"/proc/self/exe",        "client",       world.options.spool,
                                      world.options.instances, std::move(key), std::move(command)};
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    EXPECT_EQ(::posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), environ), 0);
  }
  void kill() {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
};

TEST(Keeper, GivesBackOutputAndExitCode) {
  World world;
  auto end = world.shell("7", "echo out; echo err >&2; exit 3");
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->exit_code, 3);
  EXPECT_EQ(end->output, "out\nerr\n");
  EXPECT_EQ(end->output_path, world.spool("7/out"));
  EXPECT_FALSE(end->timed_out);
  EXPECT_GT(end->took, 0ns);
}

TEST(Keeper, TellsTheSignal) {
  World world;
  auto end = world.shell("1", "kill -SEGV $$");
  ASSERT_TRUE(end);
  EXPECT_EQ(end->signal, SIGSEGV);
  EXPECT_FALSE(end->exit_code);
}

TEST(Keeper, SaysAsAShellWouldThatThereIsNoSuchProgram) {
  World world;
  auto end = world.run(world.client->launch("1", {.argv = {"/nowhere/no-such-program"}}));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->exit_code, 127);
  EXPECT_THAT(end->output, HasSubstr("cannot run '/nowhere/no-such-program': No such file"));
  ports::CommandSpec lost{.argv = {"/bin/true"}, .cwd = "/no/such/folder"};
  EXPECT_EQ(world.run(world.client->launch("2", lost))->exit_code, 126);
  EXPECT_EQ(world.run(world.client->launch("3", {})).error().code, Code::invalid);
}

TEST(Keeper, GivesEnvironmentAndFolder) {
  World world;
  auto spec = World::sh("echo \"$WORD $(pwd) $$ $(cat)\"");
  spec.env["WORD"] = "with blanks";
  spec.cwd = world.scratch.path();
  auto end = world.run(world.client->launch("1", spec));
  EXPECT_THAT(end->output, StartsWith("with blanks " + world.scratch.path()));
}

// The checkout of a job that is over. What the plan names in full works on; what stood beside it is not looked for
// among the things of others.
TEST(Keeper, WhatBeganInThePlansFolderBeginsInAnEmptyOneWhenThatHasGone) {
  World world;
  auto folder = world.options.plan_folder = world.scratch.path() + "/checkout";
  std::filesystem::create_directory(folder);
  std::ofstream(folder + "/beside");
  auto said = [&](const std::string& key, const std::string& text) {
    auto spec = World::sh(text);
    spec.cwd = folder;
    auto end = key.empty() ? world.run(world.client->ask(spec)) : world.run(world.client->launch(key, spec));
    return end ? end->output : end.error().message;
  };
  EXPECT_EQ(said("1", "ls"), "beside\n");
  std::filesystem::remove_all(folder);
  EXPECT_EQ(said("2", "ls; pwd"), world.spool("gone") + "\n");
  EXPECT_EQ(said("", "ls; pwd"), world.spool("gone") + "\n");
  std::filesystem::create_directory(folder);
  EXPECT_EQ(said("3", "pwd"), folder + "\n") << "it is there again";
}

TEST(Keeper, LeaksNoDescriptorIntoCommands) {
  World world;
  auto end = world.shell("1", "ls -l /proc/self/fd | grep -c -e socket -e spool -e signalfd");
  EXPECT_EQ(end->output, "0\n");
}

TEST(Keeper, KeepsHeadAndTailOfLongOutput) {
  World world;
  auto spec = World::sh("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
  spec.keep_output = 2000;
  auto end = world.run(world.client->launch("1", spec));
  ASSERT_TRUE(end);
  EXPECT_LT(end->output.size(), 2200U);
  EXPECT_THAT(end->output, StartsWith("line 0\nline 1\n"));
  EXPECT_THAT(end->output, EndsWith("line 19998\nline 19999\n"));
  EXPECT_THAT(end->output, HasSubstr("bytes of output were dropped here]"));
}

TEST(Keeper, RunsManyCommandsAtOnceOverOneConnection) {
  World world;
  std::vector<Going<ports::CommandEnd>> calls;
  for (int i = 0; i < 60; ++i)
    calls.push_back(world.going(world.client->launch(std::to_string(i), World::sh("exit " + std::to_string(i)))));
  for (int i = 0; i < 60; ++i) EXPECT_EQ(calls[static_cast<std::size_t>(i)].get()->exit_code, i);
}

TEST(Keeper, NeverRunsAKeyTwice) {
  World world;
  auto command = "echo ran >> " + (world.scratch / "count") + "; sleep 0.2; exit 5";
  std::vector<Going<ports::CommandEnd>> calls;
  for (int i = 0; i < 100; ++i) calls.push_back(world.going(world.client->launch("one", World::sh(command))));
  for (auto& call : calls) EXPECT_EQ(call.get()->exit_code, 5);
  EXPECT_EQ(world.shell("one", command)->exit_code, 5);
  world.end_keeper();
  EXPECT_EQ(world.shell("one", command)->exit_code, 5) << "also by the next keeper";
  EXPECT_EQ(slurp(world.scratch / "count"), "ran\n");
}

TEST(Keeper, TakesAnyKeyAsAName) {
  World world;
  for (const auto& key : std::vector<std::string>{"ctl", "../../x", ".", "keeper.lock", "a/b c%",
                                                  std::string(400, 'k') + "1", std::string(400, 'k') + "2"})
    EXPECT_EQ(world.shell(key, "exit 4")->exit_code, 4) << key;
  EXPECT_EQ(world.run(world.client->find("ctl")).value()->exit_code, 4);
  EXPECT_FALSE(world.run(world.client->find("ctl2")).value());
}

TEST(Keeper, CarriesMessagesThatAreLargerThanAPacket) {
  World world;
  auto spec = World::sh("echo ${#BIG} ${#BIGGER}");
  spec.env = {{"BIG", std::string(100'000, 'x')}, {"BIGGER", std::string(120'000, 'y')}};
  for (int i = 0; i < 8; ++i) spec.env["MORE" + std::to_string(i)] = std::string(100'000, 'z');
  EXPECT_EQ(world.run(world.client->launch("1", spec))->output, "100000 120000\n");
}

TEST(Keeper, EndsTheWholeGroupInTime) {
  World world;
  // The grandchild ignores TERM, and the command itself ends on it.
  auto pids = world.scratch / "pids";
  auto text = "sh -c 'trap \"\" TERM; echo $$ > " + pids + "; while :; do sleep 1; done' & wait";
  auto end = world.shell("1", text, 700ms);
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_TRUE(end->timed_out);
  EXPECT_EQ(end->signal, SIGTERM);
  auto grandchild = static_cast<pid_t>(std::atoi(slurp(pids).c_str()));
  ASSERT_GT(grandchild, 0);
  EXPECT_FALSE(process_lives(grandchild));
}

TEST(Keeper, EndsWhatWentIntoASessionOfItsOwnToo) {
  World world;
  auto pids = world.scratch / "pids";
  auto text = "setsid sh -c 'trap \"\" TERM; echo $$ > " + pids + "; while :; do sleep 1; done' & wait";
  auto end = world.shell("1", text, 700ms);
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_TRUE(end->timed_out);
  auto copies_on = static_cast<pid_t>(std::atoi(slurp(pids).c_str()));
  ASSERT_GT(copies_on, 0);
  EXPECT_FALSE(process_lives(copies_on));
}

TEST(Keeper, LeavesTheDaemonOfACommandThatEndedWell) {
  World world;
  auto pids = world.scratch / "pids";
  auto text =
      "setsid sh -c 'echo $$ > " + pids + "; exec sleep 600' & while [ ! -s " + pids + " ]; do sleep 0.01; done";
  ASSERT_TRUE(world.shell("1", text));
  auto daemon = static_cast<pid_t>(std::atoi(slurp(pids).c_str()));
  ASSERT_GT(daemon, 0);
  EXPECT_TRUE(process_lives(daemon));
  ::kill(daemon, SIGKILL);
}

TEST(Keeper, EndsACommandWhenAsked) {
  World world;
  auto call = world.going(world.client->launch("1", World::sh("sleep 600")));
  ASSERT_TRUE(world.has_begun("1"));
  EXPECT_TRUE(world.run(world.client->end("1", 5s)));
  EXPECT_EQ(call.get()->signal, SIGTERM);
  EXPECT_FALSE(call.get()->timed_out);
  EXPECT_TRUE(world.run(world.client->end("1", 5s))) << "again is fine";
  EXPECT_TRUE(world.run(world.client->end("never", 5s)));
}

TEST(Keeper, KillsWhatDoesNotEndInItsGrace) {
  World world;
  auto path = world.scratch / "pid";
  auto text = "trap '' TERM; echo $$ > " + path + "; while :; do sleep 1; done";
  auto call = world.going(world.client->launch("1", World::sh(text)));
  ASSERT_TRUE(world.has_begun("1"));
  ASSERT_GT(pid_in(path), 0) << "deaf from here on";
  EXPECT_TRUE(world.run(world.client->end("1", 100ms)));
  EXPECT_EQ(call.get()->signal, SIGKILL);
}

TEST(Keeper, LeavesACommandAloneWhenACallIsCancelled) {
  World world;
  auto call = world.going(world.client->launch("1", World::sh("sleep 0.5; echo done")));
  ASSERT_TRUE(world.has_begun("1"));
  call.cancel();
  EXPECT_EQ(call.get().error().code, Code::cancelled);
  auto end = world.run(world.client->find("1"));
  ASSERT_TRUE(end && *end);
  EXPECT_EQ((*end)->output, "done\n");
}

TEST(Keeper, DoesNotWaitForWhatACommandLeftRunning) {
  World world;
  auto end = world.shell("1", "sleep 600 & echo $!");
  EXPECT_EQ(end->exit_code, 0);
  auto left = static_cast<pid_t>(std::atoi(end->output.c_str()));
  EXPECT_TRUE(process_lives(left)) << "what a command starts on purpose goes on";
  ::kill(left, SIGKILL);
}

TEST(Keeper, BeginsNothingWithoutAKey) {
  World world;
  EXPECT_EQ(world.shell("", "touch " + (world.scratch / "ran")).error().code, Code::internal);
  EXPECT_FALSE(std::filesystem::exists(world.scratch / "ran"));
}

TEST(KeeperCrash, DavyIsKilledAndFindsItsCommandAgain) {
  World world;
  OtherDavy davy(world, "1", "sleep 0.5; echo done; exit 7");
  ASSERT_TRUE(world.has_begun("1"));
  davy.kill();
  auto end = world.run(world.client->find("1"));
  ASSERT_TRUE(end && *end);
  EXPECT_EQ((*end)->exit_code, 7);
  EXPECT_EQ((*end)->output, "done\n");
}

TEST(KeeperCrash, TimeoutHoldsWithoutDavy) {
  World world;
  auto call = world.going(world.client->launch("1", World::sh("sleep 600", 500ms)));
  ASSERT_TRUE(world.has_begun("1"));
  world.client.reset();
  EXPECT_EQ(call.get().error().code, Code::cancelled);
  EXPECT_TRUE(eventually([&] { return !slurp(world.spool("1/exit")).empty(); }));
  world.connect();
  EXPECT_TRUE(world.run(world.client->find("1")).value()->timed_out);
}

TEST(KeeperCrash, KeeperIsKilledAndTheCommandIsAwaitedByTheNext) {
  World world;
  auto text = "i=0; while [ $i -lt 20 ]; do echo line $i; sleep 0.05; i=$((i+1)); done; echo over > " +
              (world.scratch / "over");
  auto call = world.going(world.client->launch("1", World::sh(text)));
  ASSERT_TRUE(world.has_begun("1"));
  auto first = world.keeper();
  world.end_keeper();
  auto end = call.get();
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_FALSE(end->known());
  EXPECT_EQ(slurp(world.scratch / "over"), "over\n") << "the keeper's death did not break its output";
  EXPECT_THAT(end->output, HasSubstr("the keeper was killed here"));
  EXPECT_NE(world.keeper(), first);
  EXPECT_FALSE(world.run(world.client->find("1")).value()->known());
}

TEST(KeeperCrash, TheNextKeeperHoldsTheDeadlineOfACommandThatItFound) {
  World world;
  auto call = world.going(world.client->launch("1", World::sh("sleep 600", 1500ms)));
  ASSERT_TRUE(world.has_begun("1"));
  world.end_keeper();
  auto end = call.get();
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->timed_out);
  EXPECT_FALSE(end->known());
  EXPECT_FALSE(process_lives(world.begun("1")));
}

// SIGSTOP: a way back must not wait for it without end.
TEST(KeeperCrash, OneThatStandsStillIsNotWaitedForWithoutEnd) {
  World world;
  auto call = world.going(world.client->launch("1", World::sh("sleep 600")));
  ASSERT_TRUE(world.has_begun("1"));
  ASSERT_EQ(::kill(world.keeper(), SIGSTOP), 0);
  auto ended = world.run(world.client->end("1", 0s));
  EXPECT_EQ(ended.error().code, Code::timed_out) << ended.error().message;
  ASSERT_EQ(::kill(world.keeper(), SIGCONT), 0);
  EXPECT_TRUE(call.get()) << "it was ended when the keeper went on";
}

TEST(KeeperCrash, TheNextKeeperEndsWhatItFound) {
  World world;
  auto call = world.going(world.client->launch("1", World::sh("trap '' TERM; while :; do sleep 1; done")));
  ASSERT_TRUE(world.has_begun("1"));
  world.end_keeper();
  EXPECT_TRUE(world.run(world.client->end("1", 100ms)));
  EXPECT_FALSE(call.get()->known());
  EXPECT_FALSE(process_lives(world.begun("1")));
}

TEST(KeeperCrash, BothAreKilledAndTheEndThatNobodySawIsUnknown) {
  World world;
  OtherDavy davy(world, "1", "sleep 0.3; exit 7");
  ASSERT_TRUE(world.has_begun("1"));
  davy.kill();
  world.end_keeper();
  ASSERT_TRUE(eventually([&] { return !process_lives(world.begun("1")); }));
  auto end = world.run(world.client->find("1"));
  ASSERT_TRUE(end && *end);
  EXPECT_FALSE((*end)->known());
  EXPECT_FALSE(world.run(world.client->find("2")).value()) << "this one never began";
}

TEST(KeeperCrash, AnEndThatWasSeenIsKnownWithoutItsKeeper) {
  World world;
  world.shell("1", "exit 9");
  world.end_keeper();
  EXPECT_EQ(world.run(world.client->find("1")).value()->exit_code, 9);
}

TEST(KeeperCrash, AfterARebootACommandThatHadBegunIsUnknown) {
  World world;
  auto call = world.going(world.client->launch("1", World::sh("sleep 600")));
  ASSERT_TRUE(world.has_begun("1"));
  auto pid = world.begun("1");
  world.client.reset();
  world.end_keeper();
  world.options.boot = "00000000-another-boot";
  world.connect();
  auto end = world.run(world.client->find("1"));
  ASSERT_TRUE(end && *end);
  EXPECT_FALSE((*end)->known());
  EXPECT_FALSE(world.run(world.client->launch("1", World::sh("exit 0")))->known()) << "and is not run again";
  ::kill(-pid, SIGKILL);
}

TEST(KeeperCrash, ABegunThatCannotBeReadIsUnknownToo) {
  World world;
  std::filesystem::create_directories(world.spool("1"));
  std::ofstream(world.spool("1/begun"));
  EXPECT_FALSE(world.shell("1", "exit 0")->known());
}

TEST(KeeperLife, TermEndsItOnlyWhenNoCommandRuns) {
  World world;
  auto call = world.going(world.client->launch("1", World::sh("sleep 0.5; exit 3")));
  ASSERT_TRUE(world.has_begun("1"));
  auto first = world.keeper();
  ::kill(first, SIGTERM);
  EXPECT_EQ(call.get()->exit_code, 3);
  EXPECT_TRUE(eventually([&] { return world.keeper() != first; }));
  EXPECT_EQ(world.shell("2", "exit 2")->exit_code, 2) << "by the next keeper";
  EXPECT_THAT(slurp(world.spool("keeper.log")), HasSubstr("signal 15"));
}

TEST(KeeperLife, EndsWhenNobodyNeedsItAndLeavesNoSocket) {
  World world;
  world.options.linger = 100ms;
  world.shell("1", "true");
  world.client.reset();
  world.context.restart();
  world.context.poll();
  EXPECT_TRUE(world.keeper_gone());
  EXPECT_FALSE(std::filesystem::exists(world.spool("ctl")));
}

TEST(KeeperLife, ThereIsOneForASpool) {
  World world;
  world.shell("1", "true");
  auto first = world.keeper();
  EXPECT_TRUE(start_keeper("/proc/self/exe", world.options)) << "fine, the other one serves";
  EXPECT_EQ(world.keeper(), first);
}

TEST(KeeperLife, SaysWhyItCannotStart) {
  World world;
  std::ofstream(world.scratch / "file");
  world.options.spool = world.scratch / "file/spool";
  world.connect();
  auto end = world.shell("1", "true");
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Code::unavailable);
  EXPECT_THAT(end.error().message, HasSubstr("Not a directory"));
}

TEST(KeeperLife, WorksInAFolderWithALongPath) {
  World world;
  world.options.spool = world.scratch / (std::string(120, 'l') + "/" + std::string(120, 'm'));
  world.connect();
  EXPECT_EQ(world.shell("1", "exit 6")->exit_code, 6);
}

TEST(KeeperOptions, TravelAsArguments) {
  KeeperOptions options{.spool = "/a b", .instances = "/i", .engine = {"davy", "engine", "--x"}, .engine_pid = 12};
  options.clean_ends = {0, 3};
  options.restart_pauses = {1s};
  options.boot = "b";
  auto words = to_arguments(options);
  auto back = keeper_options(words);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_arguments(*back), words);
  EXPECT_EQ(back->engine, options.engine);
  EXPECT_FALSE(keeper_options(std::vector<std::string>{"--spool", "x", "--what", "1", "--"}));
  EXPECT_FALSE(keeper_options(std::vector<std::string>{"--patience", "soon", "--"}));
  EXPECT_FALSE(keeper_options(std::vector<std::string>{"--"}));
}

}  // namespace
}  // namespace davy::io
