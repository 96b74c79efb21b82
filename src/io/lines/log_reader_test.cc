#include "io/lines/log_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

namespace davy::io {
namespace {
namespace asio = boost::asio;
using namespace std::chrono_literals;

Time clock_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

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

std::string log(int status = 200) {
  return fmt::format("davy1 1 127.0.0.1 10.0.0.1 shop storefront davy1 0/0/0/2/2 {} 1 -- 0 1/1/1/1/0/0 GET \"/\"\n",
                     status);
}

struct LogReaderTest : ::testing::Test {
  asio::io_context core{1};
  std::filesystem::path folder = std::filesystem::temp_directory_path() / fmt::format("davy-log-{}", ::getpid());
  std::string path = folder / "log.sock";
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  Result<std::unique_ptr<LogReader>> open(Duration window = 20ms) {
    return LogReader::open(core.get_executor(), {.source = UnixSocket{path}, .window = window, .now = clock_now});
  }
  // Reads on the core until so many lines came or it was closed.
  std::vector<signals::RawWindow> read(LogReader& reader, std::uint64_t lines) {
    std::vector<signals::RawWindow> out;
    auto all = [&]() -> asio::awaitable<void> {
      for (std::uint64_t seen = 0; seen < lines;) {
        auto w = co_await reader.next();
        if (!w) co_return;
        seen += w->lines;
        out.push_back(std::move(*w));
      }
    };
    asio::co_spawn(core, all(), asio::detached);
    core.restart();
    core.run();
    return out;
  }
};

TEST_F(LogReaderTest, HandsOverWindowsInOrderWithNothingLost) {
  auto reader = open();
  ASSERT_TRUE(reader) << reader.error().message;
  std::thread haproxy([&] {
    Writer writer(path);
    for (int i = 0; i < 20'000; ++i) writer.send_surely(log(i % 100 ? 200 : 500));
  });
  auto windows = read(**reader, 20'000);
  haproxy.join();
  std::uint64_t requests = 0, errors = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    auto& w = windows[i].by_server;
    if (i > 0) EXPECT_EQ(w.from, windows[i - 1].by_server.to);
    EXPECT_GE(w.length(), 10ms);
    if (!w.releases.empty())
      requests += w.releases["storefront/davy1"].requests, errors += w.releases["storefront/davy1"].errors;
  }
  EXPECT_EQ(requests, 20'000u);
  EXPECT_EQ(errors, 200u);
}

TEST_F(LogReaderTest, TheSocketIsPrivateAndGoesWithTheReader) {
  {
    auto reader = open();
    ASSERT_TRUE(reader);
    struct stat found{};
    ASSERT_EQ(::lstat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(LogReaderTest, ReplacesASocketThatADeadProcessLeft) {
  int left = ::socket(AF_UNIX, SOCK_DGRAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(left, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(left);
  ASSERT_TRUE(std::filesystem::exists(path));
  auto reader = open();
  ASSERT_TRUE(reader);
  Writer(path).send_surely(log());
  EXPECT_FALSE(read(**reader, 1).empty());
}

TEST_F(LogReaderTest, LeavesALivingReaderAndAFileAlone) {
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

TEST_F(LogReaderTest, APathThatCannotBeIsAnError) {
  for (auto bad : {std::string(200, 'x'), std::string(), std::string("/nonexistent/log.sock")})
    EXPECT_FALSE(LogReader::open(core.get_executor(), {.source = UnixSocket{bad}, .now = clock_now})) << bad;
}

TEST_F(LogReaderTest, DoubtMakesTheWindowThatIsBeingGatheredIncomplete) {
  auto reader = open(200ms);
  ASSERT_TRUE(reader);
  (*reader)->doubt();
  Writer writer(path);
  writer.send_surely(log());
  auto first = read(**reader, 1);
  ASSERT_FALSE(first.empty());
  EXPECT_FALSE(first[0].by_server.complete);
  writer.send_surely(log());
  EXPECT_TRUE(read(**reader, 1).back().by_server.complete);
}

TEST_F(LogReaderTest, LongAndBrokenLinesAreCountedNeverFatal) {
  auto reader = open();
  ASSERT_TRUE(reader);
  Writer writer(path);
  writer.send_surely("davy1 garbage");
  writer.send_surely(std::string(20'000, 'x'));
  writer.send_surely(std::string("\0\xff", 2));
  writer.send_surely(log());
  std::uint64_t broken = 0;
  for (auto& w : read(**reader, 2)) broken += w.broken;
  EXPECT_EQ(broken, 2u);
}

TEST_F(LogReaderTest, CloseWakesTheWaiter) {
  auto reader = open(10s);
  ASSERT_TRUE(reader);
  std::optional<Code> ended;
  auto wait = [&]() -> asio::awaitable<void> {
    auto w = co_await (*reader)->next();
    if (!w) ended = w.error().code;
  };
  asio::co_spawn(core, wait(), asio::detached);
  asio::post(core, [&] { (*reader)->close(); });
  core.run();
  EXPECT_EQ(ended, Code::cancelled);
}

TEST_F(LogReaderTest, AWaitCanBeCancelledAndNothingIsLost) {
  auto reader = open(50ms);
  ASSERT_TRUE(reader);
  asio::cancellation_signal cancel;
  std::optional<Code> ended;
  auto wait = [&]() -> asio::awaitable<void> {
    auto w = co_await (*reader)->next();
    if (!w) ended = w.error().code;
  };
  asio::co_spawn(core, wait(), asio::bind_cancellation_slot(cancel.slot(), asio::detached));
  asio::post(core, [&] { cancel.emit(asio::cancellation_type::terminal); });
  core.run();
  EXPECT_EQ(ended, Code::cancelled);
  Writer(path).send_surely(log());
  EXPECT_FALSE(read(**reader, 1).empty());
}

// The first window that is (or is not) complete.
judge::Window next_that_is(LogReader& reader, asio::io_context& core, bool complete) {
  judge::Window out;
  auto wait = [&]() -> asio::awaitable<void> {
    for (;;) {
      auto w = co_await reader.next();
      if (!w) co_return;
      out = w->by_server;
      if (w->by_server.complete == complete) co_return;
    }
  };
  asio::co_spawn(core, wait(), asio::detached);
  core.restart();
  core.run();
  return out;
}

TEST_F(LogReaderTest, AFileThatIsAwayIsAGapThatSaysSoAndComesBack) {
  path = folder / "access.log";
  auto reader = LogReader::open(core.get_executor(), {.source = FollowedFile{path}, .window = 20ms, .now = clock_now});
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_TRUE(next_that_is(**reader, core, false).gap.starts_with("there is no file " + path + " since "));
  std::ofstream(path) << log() << log(500);
  auto w = next_that_is(**reader, core, true);
  EXPECT_EQ(w.gap, "");
  for (std::uint64_t lines = 0; lines < 2; w = next_that_is(**reader, core, true))
    if (auto found = w.releases.find("storefront/davy1"); found != w.releases.end()) lines += found->second.requests;
}

TEST_F(LogReaderTest, AFormatIsToldFromWhatTheFileHeldBefore) {
  path = folder / "access.log";
  std::ofstream file(path);
  auto line = [](int status) {
    return fmt::format("10.0.0.1 - - [21/Nov/2026:12:00:00 +0000] \"GET / HTTP/1.1\" {} 5 \"-\" \"curl\" rt=0.012\n",
                       status);
  };
  for (int i = 0; i < 3; ++i) file << line(200) << std::flush;
  auto reader = LogReader::open(
      core.get_executor(),
      {.source = FollowedFile{path}, .window = 20ms, .guess = FormatGuess{.only = "nginx"}, .now = clock_now});
  ASSERT_TRUE(reader) << reader.error().message;
  file << line(502) << std::flush;
  auto tally = read(**reader, 1).back().by_server.releases.at("/");
  EXPECT_EQ(tally.requests, 1u);
  EXPECT_EQ(tally.errors, 1u);
  EXPECT_EQ(tally.latency.count(), 1u);
}

TEST_F(LogReaderTest, ACommandsLinesAreCountedAndItEndsWithTheReader) {
  auto mark = (folder / "pid").string();
  auto script = fmt::format("echo $$ > {}; echo '{}'; exec sleep 1000", mark, log().substr(0, log().size() - 1));
  auto reader = LogReader::open(
      core.get_executor(), {.source = LogCommand{.argv = {"/bin/sh", "-c", script}}, .window = 20ms, .now = clock_now});
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(read(**reader, 1).back().lines, 1u);
  int pid = 0;
  std::ifstream(mark) >> pid;
  ASSERT_EQ(::kill(pid, 0), 0);
  (*reader)->close();
  EXPECT_NE(::kill(pid, 0), 0) << "reaped by then";
}

TEST_F(LogReaderTest, MayGoWhileAWakeUpIsOnItsWay) {
  for (int i = 0; i < 20; ++i) {
    auto reader = open(1ms);
    ASSERT_TRUE(reader);
    std::this_thread::sleep_for(3ms);
    reader->reset();
    core.restart();
    core.run();
  }
}

}  // namespace
}  // namespace davy::io
