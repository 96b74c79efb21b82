// Windows of a log that is read, one after the other: none left out, and none after its reading has gone.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/detached.hpp>
#include <cstring>
#include <fstream>
#include <thread>

#include "io/io_testing.h"
#include "io/lines/logs.h"
#include "io/posix/clock.h"

namespace davy::io {
namespace {

using ports::LineReading;
using ports::LogPlace;

// HAProxy's side: never waits.
class Writer {
 public:
  explicit Writer(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    address_.sun_family = AF_UNIX;
    std::strncpy(address_.sun_path, path.c_str(), sizeof address_.sun_path - 1);
  }
  ~Writer() { ::close(fd_); }
  bool send(std::string_view text) {
    return ::sendto(fd_, text.data(), text.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&address_),
                    sizeof address_) == static_cast<ssize_t>(text.size());
  }
  void send_surely(std::string_view text) {
    while (!send(text)) std::this_thread::sleep_for(100us);
  }

 private:
  int fd_;
  sockaddr_un address_{};
};

// Counts lines, and those that say "bad"; takes it upon itself where one was lost.
struct Counting : ports::LineTaker {
  std::uint64_t n = 0, bad = 0, losses = 0;
  std::vector<std::string> before;
  void earlier(std::vector<std::string> lines) override { before = std::move(lines); }
  void line(std::string_view text, Time) override { ++n, bad += text.contains("bad"); }
  bool lost() override { return ++losses, true; }
  judge::Window finish(Time from, Time to) override {
    judge::Window out{.from = from, .to = to};
    out.counts["lines"][""] = std::exchange(n, 0), out.counts["bad"][""] = std::exchange(bad, 0);
    out.counts["lost"][""] = std::exchange(losses, 0), out.counts["before"][""] = before.size();
    return out;
  }
};

struct LogWindows : ::testing::Test {
  Scratch folder;
  std::string path = folder / "log.sock";
  asio::io_context core{1};
  Clock clock;
  Secrets secrets;

  Result<std::unique_ptr<LineReading>> open(LogPlace place, Duration window = 20ms) {
    return Logs(core.get_executor(), clock, secrets, window)
        .open({.place = std::move(place)}, std::make_unique<Counting>());
  }
  Result<std::unique_ptr<LineReading>> open(Duration window = 20ms) {
    return open({LogPlace::Kind::unix_socket, path}, window);
  }
  // On the core, until one holds or there are no more.
  std::vector<LineReading::Taken> read_until(LineReading& reading,
                                             const std::function<bool(LineReading::Taken&)>& holds) {
    std::vector<LineReading::Taken> out;
    auto all = [&]() -> asio::awaitable<void> {
      while (auto taken = co_await reading.next()) {
        out.push_back(std::move(*taken));
        if (holds(out.back())) co_return;
      }
    };
    asio::co_spawn(core, all(), asio::detached);
    core.restart();
    core.run();
    return out;
  }
  std::vector<LineReading::Taken> read(LineReading& reading, std::uint64_t lines, const char* what = "lines") {
    std::uint64_t seen = 0;
    return read_until(reading, [&](auto& taken) { return (seen += taken.window.counts[what][""]) >= lines; });
  }
};

TEST_F(LogWindows, ComeInOrderWithNothingLost) {
  auto reading = open();
  ASSERT_TRUE(reading) << reading.error().message;
  std::thread haproxy([&] {
    Writer writer(path);
    for (int i = 0; i < 20'000; ++i) writer.send_surely(i % 100 ? "good" : "bad");
  });
  auto windows = read(**reading, 20'000);
  haproxy.join();
  std::uint64_t lines = 0, bad = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    auto& w = windows[i].window;
    if (i > 0) EXPECT_EQ(w.from, windows[i - 1].window.to);
    EXPECT_GE(w.length(), 10ms);
    lines += w.counts["lines"][""], bad += w.counts["bad"][""];
  }
  EXPECT_EQ(lines, 20'000u);
  EXPECT_EQ(bad, 200u);
}

TEST_F(LogWindows, TheSocketIsPrivateAndGoesWithTheReading) {
  {
    auto reading = open();
    ASSERT_TRUE(reading);
    struct stat found{};
    ASSERT_EQ(::lstat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(LogWindows, ASocketThatADeadProcessLeftIsReplaced) {
  int left = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(left, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(left);
  ASSERT_TRUE(std::filesystem::exists(path));
  auto reading = open();
  ASSERT_TRUE(reading);
  Writer(path).send_surely("one");
  EXPECT_FALSE(read(**reading, 1).empty());
}

TEST_F(LogWindows, ALivingReaderAndAFileAreLeftAlone) {
  auto first = open();
  ASSERT_TRUE(first);
  auto second = open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::conflict);
  first->reset();
  std::ofstream(path) << "precious";
  auto third = open();
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Code::invalid);
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(LogWindows, APathThatCannotBeIsAnError) {
  for (auto bad : {std::string(200, 'x'), std::string(), std::string("/nonexistent/log.sock")})
    EXPECT_FALSE(open({LogPlace::Kind::unix_socket, bad})) << bad;
}

TEST_F(LogWindows, ALineThatWasCutOffIsItsTakersWhereThatCountsIt) {
  auto reading = open();
  ASSERT_TRUE(reading);
  Writer(path).send_surely(std::string(20'000, 'x'));
  auto windows = read(**reading, 1, "lost");
  ASSERT_FALSE(windows.empty());
  EXPECT_EQ(windows.back().gap, "");
}

TEST_F(LogWindows, ASocketWhoseNameWasTakenAwayIsAGapAndHeardAgain) {
  auto reading = open();
  ASSERT_TRUE(reading);
  std::filesystem::remove(path);
  auto windows = read_until(**reading, [](auto& taken) { return !taken.gap.empty(); });
  ASSERT_FALSE(windows.empty());
  EXPECT_TRUE(windows.back().gap.ends_with("it is bound again")) << windows.back().gap;
  Writer(path).send_surely("one");
  EXPECT_FALSE(read(**reading, 1).empty());
}

TEST_F(LogWindows, TheWaiterIsWokenWhenTheReadingGoes) {
  auto reading = open(10s);
  ASSERT_TRUE(reading);
  std::optional<Code> ended;
  auto wait = [&]() -> asio::awaitable<void> {
    auto taken = co_await (*reading)->next();
    if (!taken) ended = taken.error().code;
  };
  asio::co_spawn(core, wait(), asio::detached);
  asio::post(core, [&] { reading->reset(); });
  core.run();
  EXPECT_EQ(ended, Code::cancelled);
}

TEST_F(LogWindows, AWaitCanBeCancelledAndNothingIsLost) {
  auto reading = open(50ms);
  ASSERT_TRUE(reading);
  asio::cancellation_signal cancel;
  std::optional<Code> ended;
  auto wait = [&]() -> asio::awaitable<void> {
    auto taken = co_await (*reading)->next();
    if (!taken) ended = taken.error().code;
  };
  asio::co_spawn(core, wait(), asio::bind_cancellation_slot(cancel.slot(), asio::detached));
  asio::post(core, [&] { cancel.emit(asio::cancellation_type::terminal); });
  core.run();
  EXPECT_EQ(ended, Code::cancelled);
  Writer(path).send_surely("one");
  EXPECT_FALSE(read(**reading, 1).empty());
}

TEST_F(LogWindows, AFileThatIsAwayIsAGapThatSaysSoAndComesBack) {
  auto file = folder / "access.log";
  auto reading = open({LogPlace::Kind::file, file});
  ASSERT_TRUE(reading) << reading.error().message;
  auto away = read_until(**reading, [](auto& taken) { return !taken.gap.empty(); });
  EXPECT_TRUE(away.back().gap.starts_with("there is no file " + file + " since ")) << away.back().gap;
  std::ofstream(file) << "one\ntwo\n";
  auto windows = read(**reading, 2);
  EXPECT_EQ(windows.back().gap, "");
}

TEST_F(LogWindows, WhatAFileHeldBeforeIsShownAndNotCounted) {
  auto file = folder / "access.log";
  std::ofstream(file) << "one\ntwo\n";
  auto reading = open({LogPlace::Kind::file, file});
  ASSERT_TRUE(reading) << reading.error().message;
  std::ofstream(file, std::ios::app) << "three\n";
  auto windows = read(**reading, 1);
  auto& w = windows.back().window;
  EXPECT_EQ(w.counts["lines"][""], 1u);
  EXPECT_EQ(w.counts["before"][""], 2u);
}

TEST_F(LogWindows, ACommandEndsWithItsReading) {
  auto mark = folder / "pid";
  auto script = fmt::format("echo $$ > {}; echo one; exec sleep 1000", mark);
  auto reading = open({LogPlace::Kind::command, script});
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(read(**reading, 1).back().window.counts["lines"][""], 1u);
  int pid = 0;
  std::ifstream(mark) >> pid;
  ASSERT_EQ(::kill(pid, 0), 0);
  reading->reset();
  EXPECT_NE(::kill(pid, 0), 0) << "reaped by then";
}

TEST_F(LogWindows, AReadingMayGoWhileAWakeUpIsOnItsWay) {
  for (int i = 0; i < 20; ++i) {
    auto reading = open(1ms);
    ASSERT_TRUE(reading);
    std::this_thread::sleep_for(3ms);
    reading->reset();
    core.restart();
    core.run();
  }
}

}  // namespace
}  // namespace davy::io
