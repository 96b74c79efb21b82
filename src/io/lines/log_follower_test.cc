#include "io/lines/log_follower.h"

#include <sys/stat.h>

#include <atomic>
#include <set>

#include "io/lines/line_stream_testing.h"
#include "io/posix/log_front.h"

namespace davy::io {
namespace {

namespace fs = std::filesystem;

struct Follower : ::testing::Test, Source {
  Scratch scratch;
  std::string path = scratch / "access.log", old = scratch / "access.log.1";
  void follow() { open(FollowedFile{path}); }
};

TEST_F(Follower, BeginsAtTheEndAndAnIncompleteLineWaitsForItsRest) {
  Writing log(path);
  log.line("before");
  follow();
  log.text("one\ntw");
  ASSERT_TRUE(read_lines(1));
  log.text("o\n");
  ASSERT_TRUE(read_lines(2));
  EXPECT_EQ(kept.lines, (Lines{"one", "two"}));
  EXPECT_EQ(gap(), "");
}

TEST_F(Follower, TheRestOfALineThatWasUnderWayIsNotCounted) {
  Writing log(path);
  log.text("before\nhalf a ");
  follow();
  log.text("line\nwhole\n");
  ASSERT_TRUE(read_lines(1));
  EXPECT_EQ(kept.lines, Lines{"whole"});
  EXPECT_EQ(kept.losses, 0);
}

TEST_F(Follower, WhatWasThereBeforeTellsTheFormat) {
  Writing(path).text("one\ntwo\nthr");
  follow();
  EXPECT_EQ(stream->earlier(), (Lines{"one", "two"}));
}

TEST_F(Follower, AwaitsAFileAndItsFolder) {
  path = scratch / "later/access.log";
  follow();
  read();
  EXPECT_NE(gap().find("there is no file " + path + " since "), std::string::npos);
  fs::create_directory(scratch / "later");
  read();
  EXPECT_NE(gap(), "");
  Writing(path).text("one\ntwo\n");
  ASSERT_TRUE(read_lines(2));
  EXPECT_EQ(gap(), "");
}

TEST_F(Follower, AFolderOrAPipeIsNoLog) {
  auto of_folder = open_lines(FollowedFile{scratch.path()}, wall_time());
  ASSERT_FALSE(of_folder);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  auto of_pipe = open_lines(FollowedFile{path}, wall_time());
  ASSERT_FALSE(of_pipe);
  EXPECT_EQ(of_pipe.error().code, Code::invalid);
  EXPECT_FALSE(open_lines(FollowedFile{""}, wall_time()));
}

TEST_F(Follower, RotatedByRenameReadsBothUntilTheWriterHasChangedOver) {
  Writing log(path);
  follow();
  log.text("one\ntw");
  ASSERT_TRUE(read_lines(1));
  fs::rename(path, old);
  Writing next(path);
  next.line("three");
  ASSERT_TRUE(read_lines(2));
  log.line("o");  // a worker that has not changed over yet
  ASSERT_TRUE(read_lines(3));
  fs::remove(old);  // compressed by now
  log.line("late");
  next.line("four");
  ASSERT_TRUE(read_lines(5));
  EXPECT_EQ(std::set<std::string>(kept.lines.begin(), kept.lines.end()),
            (std::set<std::string>{"one", "two", "three", "late", "four"}));
  EXPECT_EQ(kept.lines.size(), 5u);
  EXPECT_EQ(gap(), "");
}

TEST_F(Follower, AFileThatIsGoneForLongIsAwayAndComesBack) {
  Writing(path).line("before");
  follow();
  fs::remove(path);
  EXPECT_NE(next_gap().find("there is no file"), std::string::npos);
  Writing(path).line("one");
  ASSERT_TRUE(read_lines(1));
  EXPECT_EQ(gap(), "");
}

TEST_F(Follower, AFileThatGetsItsNameBackIsNotReadTwice) {
  Writing log(path);
  follow();
  log.line("one");
  ASSERT_TRUE(read_lines(1));
  fs::rename(path, old);
  ASSERT_TRUE(read_until([&] { return !gap().empty(); }));
  fs::rename(old, path);
  log.line("two");
  ASSERT_TRUE(read_lines(2));
  ASSERT_TRUE(no_gap());
  log.line("three");
  ASSERT_TRUE(read_lines(3));
  EXPECT_EQ(kept.lines, (Lines{"one", "two", "three"}));
}

TEST_F(Follower, CopytruncateIsReadOnAndSaid) {
  Writing log(path);
  follow();
  log.text("one\ntw");
  ASSERT_TRUE(read_lines(1));
  fs::copy_file(path, old);
  fs::resize_file(path, 0);
  log.line("three");
  ASSERT_TRUE(read_lines(2));
  EXPECT_EQ(kept.lines, (Lines{"one", "three"}));
  EXPECT_EQ(kept.losses, 1) << "the line under way";
  EXPECT_EQ(gap(), path + " was truncated: lines that were written just before may be missing");
  EXPECT_EQ(gap(), "");
}

TEST_F(Follower, AFileThatHasGrownAgainBeyondItsOldEndSinceWeLookedIsKnown) {
  Writing log(path);
  follow();
  log.line("one");
  ASSERT_TRUE(read_lines(1));
  fs::resize_file(path, 0);
  log.line("a longer second line");
  ASSERT_TRUE(read_lines(2));
  EXPECT_EQ(kept.lines, (Lines{"one", "a longer second line"}));
  EXPECT_NE(gap(), "");
}

TEST_F(Follower, AWriterThatKeepsItsPlaceInATruncatedFileLeavesAHoleThatIsNoLine) {
  Writing log(path, 0);
  follow();
  log.text(std::string(1 << 20, 'x') + "\n");
  log.line("one");
  ASSERT_TRUE(read_lines(1));
  fs::resize_file(path, 0);
  log.line("two");
  ASSERT_TRUE(read_lines(2));
  EXPECT_EQ(kept.lines, (Lines{"one", "two"}));
  EXPECT_EQ(kept.losses, 1) << "the line of a megabyte";
}

TEST_F(Follower, ALogWhoseFrontIsTakenOffIsReadOnInItsPlace) {
  Writing log(path);
  for (int i = 0; i < 40'000; ++i) log.text(fmt::format("{:0>79}\n", i));
  follow();
  log.text("one\ntw");
  ASSERT_TRUE(read_lines(1));
  Fd file(::open(path.c_str(), O_RDWR));
  if (!take_off_front(file.get(), 2 * kFront)) GTEST_SKIP() << "this file system can only cut";
  log.line("o");
  ASSERT_TRUE(read_lines(2));
  EXPECT_EQ(kept.lines, (Lines{"one", "two"}));
  EXPECT_EQ(gap(), "");
  EXPECT_EQ(kept.losses, 0);
}

TEST_F(Follower, WhoHadNotReadTheFrontThatWasTakenOffIsTold) {
  Writing log(path);
  follow();
  log.line("one");
  ASSERT_TRUE(read_lines(1));
  for (int i = 0; i < 40'000; ++i) log.text(fmt::format("{:0>79}\n", i));
  log.line("two");
  Fd file(::open(path.c_str(), O_RDWR));
  if (!take_off_front(file.get(), 2 * kFront)) GTEST_SKIP() << "this file system can only cut";
  ASSERT_TRUE(read_until([&] { return kept.lines.back() == "two"; }));
  EXPECT_NE(gap(), "");
}

TEST_F(Follower, FromTheLineUnderWay) {
  Writing log(path);
  log.text("before\nhalf a ");
  auto opened = LogFollower::open_at_line(path, wall_time());
  ASSERT_TRUE(opened);
  EXPECT_EQ((*opened)->at(), 7);
  stream = std::move(*opened);
  log.text("line\n");
  ASSERT_TRUE(read_lines(1));
  EXPECT_EQ(kept.lines, Lines{"half a line"});
}

TEST_F(Follower, RotatedTwiceBeforeAnybodyLookedIsAGap) {
  Writing(path).line("before");
  follow();
  read();
  for (int i = 0; i < 2; ++i) {
    fs::rename(path, scratch / fmt::format("access.log.{}", i));
    Writing(path).line("new");
  }
  ASSERT_TRUE(read_lines(1));
  EXPECT_NE(gap().find("more than once"), std::string::npos);
}

// Lines of two writers that change over one after the other, with a number each; the test counts every number.
TEST_F(Follower, LosesNothingAndCountsNothingTwiceOverManyRotations) {
  constexpr int kRotations = 20, kLines = 2000;
  Writing first(path);
  follow();
  std::atomic<bool> done = false;
  std::atomic<int> seen = 0;
  std::thread server([&] {
    auto one = std::make_unique<Writing>(path), two = std::make_unique<Writing>(path);
    for (int r = 0, n = 0; r < kRotations; ++r) {
      auto before = n;
      for (int i = 0; i < kLines; ++i, ++n) (i % 2 ? one : two)->line(std::to_string(n));
      eventually([&] { return seen > before; });  // nobody rotates faster than we look
      fs::rename(path, scratch / fmt::format("access.log.{}", r));
      for (int i = 0; i < 100; ++i, ++n) one->line(std::to_string(n));
      one = std::make_unique<Writing>(path);
      for (int i = 0; i < 100; ++i, ++n) (i % 2 ? one : two)->line(std::to_string(n));
      two = std::make_unique<Writing>(path);
      if (r % 2) fs::remove(scratch / fmt::format("access.log.{}", r));
    }
    done = true;
  });
  EXPECT_TRUE(read_until([&] { return seen = static_cast<int>(kept.lines.size()), done.load(); }));
  server.join();
  read();
  std::vector<int> times(kRotations * (kLines + 200));
  for (auto& line : kept.lines) ++times.at(static_cast<std::size_t>(std::stoi(line)));
  EXPECT_EQ(std::ranges::count(times, 1), std::ssize(times));
  EXPECT_EQ(kept.losses, 0);
}

}  // namespace
}  // namespace davy::io
