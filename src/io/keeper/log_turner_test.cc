#include "io/keeper/log_turner.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <atomic>
#include <thread>
#include <utility>

#include "io/io_testing.h"
#include "io/lines/line_stream_testing.h"
#include "io/posix/log_front.h"

namespace davy::io {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::StartsWith;

constexpr std::size_t kAt = 1000;

struct Log : Scratch {
  std::string path = *this / "log", before = path + ".1";
  Fd fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600)};
  void print(const std::string& text) { ASSERT_TRUE(write_all(fd.get(), text)); }
};

bool takes_off_fronts(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT, 0600));
  return write_all(fd.get(), std::string(2 * kFront, 'a')) && take_off_front(fd.get(), kFront);
}

TEST(LogTurner, LeavesAShortLogAloneAndNeedsNone) {
  Log log;
  log.print(std::string(kAt, 'a'));
  EXPECT_TRUE(turn_log(log.path, kAt));
  EXPECT_EQ(slurp(log.path).size(), kAt);
  EXPECT_FALSE(fs::exists(log.before));
  EXPECT_TRUE(turn_log(log / "none", kAt));
}

// So short that no whole front can be taken off, as where file systems cannot do it at all.
TEST(LogTurner, ALongLogIsWholeInTheOneBeforeAndGoesOnFromItsBeginning) {
  Log log;
  log.print(std::string(kAt, 'a') + "end\n");
  ASSERT_TRUE(turn_log(log.path, kAt));
  log.print("new\n");
  EXPECT_EQ(slurp(log.before), std::string(kAt, 'a') + "end\n");
  EXPECT_EQ(slurp(log.path), "new\n") << "whoever has it open goes on without a hole";
}

TEST(LogTurner, TheNewestHalfStaysInItsPlaceWhereFrontsCanBeTakenOff) {
  Log log;
  if (!takes_off_fronts(log / "probe")) GTEST_SKIP() << "this file system can only cut";
  log.print(std::string(3 * kFront, 'a') + std::string(2 * kFront, 'b') + "end\n");
  ASSERT_TRUE(turn_log(log.path, 4 * kFront));
  log.print("new\n");
  EXPECT_EQ(slurp(log.path), std::string(2 * kFront, 'b') + "end\nnew\n");
  EXPECT_FALSE(fs::exists(log.before));
}

// Also by whoever follows it: each line once, and no word of a gap.
TEST(LogTurner, WhatIsPrintedWhileItIsTurnedIsReadOnce) {
  Log log;
  if (!takes_off_fronts(log / "probe")) GTEST_SKIP() << "this file system can only cut";
  constexpr int kLines = 2'000'000;
  std::atomic<int> seen = 0;
  std::thread printing([&] {
    std::string some;
    for (int i = 0; i < kLines; ++i) {
      some += std::to_string(i) + '\n';
      if (some.size() < 5000) continue;
      eventually([&] { return i - seen < 100'000; });  // nobody prints more than stays before it is read
      log.print(std::exchange(some, {}));
    }
    log.print(some);
  });
  std::atomic<bool> over = false;
  int turns = 0;
  std::thread turning([&] {
    for (; !over; std::this_thread::yield())
      turns += fs::file_size(log.path) > 4 * kFront && turn_log(log.path, 4 * kFront).has_value();
  });
  Source source;
  source.open(FollowedFile{log.path, ports::Begin::beginning});
  EXPECT_TRUE(source.read_until([&] { return seen = static_cast<int>(source.kept.lines.size()), seen >= kLines; }));
  over = true;
  printing.join(), turning.join();
  EXPECT_EQ(source.gap(), "");
  EXPECT_GE(turns, 4);
  ASSERT_EQ(source.kept.lines.size(), static_cast<std::size_t>(kLines));
  for (int i = 0; i < kLines; ++i) ASSERT_EQ(source.kept.lines[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST(LogTurner, OfAVeryLongLogTheNewestStay) {
  Log log;
  log.print(std::string(5 * kAt, 'a') + std::string(kAt - 4, 'b') + "end\n");
  ASSERT_TRUE(turn_log(log.path, kAt));
  EXPECT_EQ(slurp(log.before).size(), kAt);
  EXPECT_THAT(slurp(log.before), StartsWith("b"));
  EXPECT_THAT(slurp(log.before), EndsWith("end\n"));
  log.print(std::string(kAt, 'c') + "later\n");
  ASSERT_TRUE(turn_log(log.path, kAt));
  EXPECT_THAT(slurp(log.before), StartsWith("c")) << "one is kept";
}

TEST(LogTurner, CutsNothingButAFile) {
  Log log;
  log.print(std::string(2 * kAt, 'a'));
  fs::create_symlink(log.path, log / "link");
  EXPECT_FALSE(turn_log(log / "link", kAt));
  EXPECT_EQ(slurp(log.path).size(), 2 * kAt);
  fs::create_directory(log / "folder");
  EXPECT_FALSE(turn_log(log / "folder", kAt));
}

// log.1 cannot be written: what there is of room is in the log itself.
TEST(LogTurner, WithoutRoomForTheOneBeforeItsLastLinesStay) {
  Log log;
  log.print(std::string(200'000, 'a') + "end\n");
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit small{100'000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  auto turned = turn_log(log.path, 150'000);
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_TRUE(turned) << turned.error().message;
  auto stay = slurp(log.before) + slurp(log.path);
  EXPECT_THAT(stay, EndsWith("aend\n"));
  EXPECT_GE(stay.size(), 64U * 1024);
  EXPECT_LT(stay.size(), 100'000U);
}

TEST(LogTurner, ASmallDiskHasShorterLogs) {
  EXPECT_LE(log_turns_at("/"), 64U << 20);
  EXPECT_GE(log_turns_at("/"), 2U << 20);
  EXPECT_EQ(log_turns_at("/no/such/folder"), 64U << 20);
}

std::string turner_of(const World& world) {
  auto holder = LockFile::holder(world.options.instances + "/.turner.lock");
  return holder && *holder ? **holder : "";
}

// 200 MB by one that was begun through a keeper that is gone again, as after every run.
TEST(LogTurner, AnInstanceThatPrintsWithoutEndFillsNoDisk) {
  World world;
  auto state = world.run(world.client->start(
      "shop.production/2/0", {.argv = {"/bin/sh", "-c",
                                       "while ! test -e go; do sleep 0.02; done; yes 0123456789 | head -c 200000000; "
                                       "echo the last line; : > done; exec sleep 600"},
                              .cwd = world.scratch.path()}));
  ASSERT_TRUE(state);
  auto turns_at = log_turns_at(world.options.instances);
  ASSERT_LT(2 * turns_at, 200'000'000U);
  world.client.reset();
  world.end_keeper();
  std::ofstream(world.scratch / "go");
  ASSERT_TRUE(eventually([&] { return fs::exists(world.scratch / "done"); }));
  ASSERT_TRUE(eventually([&] { return fs::file_size(state->log_path) <= turns_at; }));
  auto before = state->log_path + ".1";
  if (fs::exists(before)) EXPECT_LE(fs::file_size(before), 3 * turns_at);
  EXPECT_THAT(slurp(state->log_path), EndsWith("the last line\n"));
  EXPECT_FALSE(turner_of(world).empty());
  world.connect();
  EXPECT_TRUE(world.run(world.client->stop("shop.production/2/0", 5s)));
  EXPECT_TRUE(eventually([&] { return turner_of(world).empty(); })) << "with the last instance it ends";
}

TEST(LogTurner, OneThatWasKilledIsThereAgainWithTheNextInstance) {
  World world;
  ASSERT_TRUE(world.run(world.client->start("a/0", {.argv = {"/bin/sleep", "600"}})));
  ASSERT_TRUE(eventually([&] { return !turner_of(world).empty(); }));
  auto first = turner_of(world);
  ::kill(static_cast<pid_t>(std::atoi(first.c_str())), SIGKILL);
  EXPECT_TRUE(eventually([&] { return turner_of(world).empty(); }));
  auto state = world.run(world.client->list(""));
  EXPECT_TRUE(state->front().alive) << "no instance needs it";
  ASSERT_TRUE(world.run(world.client->start("a/1", {.argv = {"/bin/sleep", "600"}})));
  EXPECT_TRUE(eventually([&] { return !turner_of(world).empty() && turner_of(world) != first; }));
  for (auto key : {"a/0", "a/1"}) EXPECT_TRUE(world.run(world.client->stop(key, 5s)));
}

}  // namespace
}  // namespace davy::io
