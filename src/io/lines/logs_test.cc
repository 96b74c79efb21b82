#include "io/lines/logs.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "io/io_testing.h"
#include "io/lines/line_stream_testing.h"
#include "io/posix/clock.h"

namespace davy::io {
namespace {

// Counts lines and shows the newest.
struct Counting : ports::LineTaker {
  std::uint64_t n = 0;
  std::string newest;
  void line(std::string_view text, Time) override { ++n, newest = text; }
  judge::Window finish(Time from, Time to) override {
    judge::Window out{.from = from, .to = to};
    out.counts["lines"][""] = std::exchange(n, 0);
    if (!newest.empty()) out.shown["lines"][""][newest] = newest, out.states["newest"][""] = newest;
    return out;
  }
};

struct LinesTest : ::testing::Test {
  Scratch folder;
  asio::io_context core{1};
  Clock clock;
  Secrets secrets;
  Logs lines{core.get_executor(), clock, secrets};
  std::string path = folder / "app.log";
  std::unique_ptr<ports::LineReading> reading;
  judge::Window all;
  std::string gap;

  void open(ports::Begin begin = ports::Begin::end) {
    auto opened = lines.open({.place = {.what = path}, .begin = begin}, std::make_unique<Counting>());
    ASSERT_TRUE(opened) << opened.error().message;
    reading = std::move(*opened);
  }
  bool take_until(const std::function<bool()>& holds) {
    return eventually([&] {
      auto taken = reading->take();
      all.merge(taken.window);
      if (!taken.gap.empty()) gap = taken.gap;
      return holds();
    });
  }
  bool counted(std::uint64_t n) {
    return take_until([&] { return all.counts["lines"][""] == n; });
  }
};

TEST_F(LinesTest, LinesComeThroughRotationAndAGapIsTold) {
  Writing first(path);
  first.line("before anybody read");
  open();
  ASSERT_TRUE(take_until([&] { return all.to != Time{}; }));
  first.line("one"), first.line("two");
  EXPECT_TRUE(counted(2));
  ASSERT_EQ(::rename(path.c_str(), (path + ".1").c_str()), 0);
  first.line("three");
  Writing second(path);
  second.line("four");
  EXPECT_TRUE(counted(4));
  EXPECT_EQ(gap, "");
  ASSERT_EQ(::unlink(path.c_str()), 0);
  EXPECT_TRUE(take_until([&] { return gap.starts_with("there is no file " + path + " since"); })) << gap;
  Writing third(path);
  third.line("five");
  EXPECT_TRUE(counted(5));
}

TEST_F(LinesTest, AFileCanBeReadFromItsBeginning) {
  Writing(path).line("before anybody read");
  open(ports::Begin::beginning);
  EXPECT_TRUE(counted(1));
}

TEST_F(LinesTest, ALineThatIsTooLongIsAGap) {
  Writing log(path);
  open();
  ASSERT_TRUE(take_until([&] { return all.to != Time{}; }));
  log.line(std::string(300 * 1024, 'x'));
  EXPECT_TRUE(take_until([&] { return gap == "a line was too long or cut off"; }));
}

TEST_F(LinesTest, SecretsAreMaskedInWhatIsShown) {
  ::setenv("LINES_TEST_TOKEN", "xyzzy-plugh", 1);
  secrets.add_environment({"LINES_TEST_TOKEN"});
  Writing log(path);
  open();
  ASSERT_TRUE(take_until([&] { return all.to != Time{}; }));
  log.line("denied: xyzzy-plugh.");
  ASSERT_TRUE(counted(1));
  EXPECT_EQ(all.states["newest"][""], "denied: [LINES_TEST_TOKEN].");
  EXPECT_EQ(all.shown["lines"][""],
            (std::map<std::string, std::string>{{"denied: [LINES_TEST_TOKEN].", "denied: [LINES_TEST_TOKEN]."}}));
}

TEST_F(LinesTest, AFolderIsNoLog) {
  path = folder.path();
  EXPECT_FALSE(lines.open({.place = {.what = path}}, std::make_unique<Counting>()));
}

LogSource source(std::string_view place, ports::Writers writers = ports::Writers::owner) {
  auto parsed = ports::parse_log_place(place);
  EXPECT_TRUE(parsed) << place;
  return source_of({parsed.value_or(ports::LogPlace{}), writers});
}

TEST(SourceOf, EachPlaceIsASource) {
  EXPECT_EQ(std::get<FollowedFile>(source("/var/log/a.log")).path, "/var/log/a.log");
  auto socket = std::get<UnixSocket>(source("unix:/run/davy/log.sock", ports::Writers::group));
  EXPECT_EQ(socket.path, "/run/davy/log.sock");
  EXPECT_EQ(socket.mode, 0620u);
  EXPECT_EQ(std::get<UdpSocket>(source("udp:127.0.0.1:5514")).address, "127.0.0.1:5514");
  EXPECT_EQ(std::get<LogCommand>(source("journald:shop.service")).argv, journald_command("shop.service").argv);
  EXPECT_EQ(std::get<LogCommand>(source("docker:shop")).errors, LogCommand::Errors::lines);
  EXPECT_EQ(std::get<LogCommand>(source("command:a | b")).argv.back(), "a | b");
  EXPECT_TRUE(std::holds_alternative<StandardInput>(source("-")));
}

}  // namespace
}  // namespace davy::io
