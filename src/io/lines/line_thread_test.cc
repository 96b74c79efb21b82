#include "io/lines/line_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "io/lines/line_stream_testing.h"

namespace davy::io {
namespace {

struct NoLines final : LineStream {
  std::string missing;
  std::atomic<bool>& begun;
  NoLines(std::string why, std::atomic<bool>& begun) : missing(std::move(why)), begun(begun) {}
  int ready() const override { return -1; }
  bool read(Time, LineSink&) override {
    begun = true, begun.notify_one();
    return false;
  }
  std::string gap(Time) override { return missing; }
};

struct InAHurry : Kept {
  std::atomic<bool> hurried = false;
  bool urgent() const override { return hurried; }
};

struct Over {
  Time from, to;
  std::string gap;
};

// A thread that reads nothing by a clock of the test's own.
class ReadingNothing {
 public:
  explicit ReadingNothing(std::string missing = {})
      : thread_(std::make_unique<NoLines>(std::move(missing), begun_), kept_,
                {100ms, [this] { return Time(Duration(now_)); },
                 [this](Time from, Time to, std::string gap) { over(from, to, std::move(gap)); }}) {
    begun_.wait(false);  // the first window has begun
  }

  void pass(Duration d) { now_ += d.count(); }
  void hurry() { kept_.hurried = true; }
  Over next() {
    std::unique_lock lock(mutex_);
    heard_.wait(lock, [&] { return !windows_.empty(); });
    auto out = windows_.front();
    windows_.erase(windows_.begin());
    return out;
  }

 private:
  void over(Time from, Time to, std::string gap) {
    std::lock_guard lock(mutex_);
    windows_.push_back({from, to, std::move(gap)});
    heard_.notify_one();
  }

  std::atomic<bool> begun_{false};
  std::atomic<Duration::rep> now_{Duration(1h).count()};
  std::mutex mutex_;
  std::condition_variable heard_;
  std::vector<Over> windows_;  // under the mutex
  InAHurry kept_;
  LineThread thread_;
};

TEST(LineThread, AWindowThatWasReadInTimeHasNoGap) {
  ReadingNothing log;
  log.pass(100ms);
  auto one = log.next();
  EXPECT_EQ(one.gap, "");
  EXPECT_EQ(one.to - one.from, 100ms);
}

TEST(LineThread, AWindowEndsAfterAFiftiethOfItsTimeWhereTheSinkIsInAHurry) {
  ReadingNothing log;
  log.hurry();
  log.pass(2ms);
  auto one = log.next();
  EXPECT_EQ(one.gap, "");
  EXPECT_EQ(one.to - one.from, 2ms);
}

TEST(LineThread, TimeInWhichNobodyReadIsAGapAndOneWindow) {
  ReadingNothing log;
  log.pass(11s);
  auto stood = log.next();
  EXPECT_EQ(stood.gap, "nobody read from 01:00:00 to 01:00:11 (11s): Davy or the machine stood still");
  log.pass(100ms);
  auto after = log.next();
  EXPECT_EQ(after.gap, "");
  EXPECT_EQ(after.from, stood.to);
}

TEST(LineThread, WhatItsSourceSaysComesWhereNobodyStoodStill) {
  ReadingNothing log("there is no file");
  log.pass(100ms);
  EXPECT_EQ(log.next().gap, "there is no file");
}

}  // namespace
}  // namespace davy::io
