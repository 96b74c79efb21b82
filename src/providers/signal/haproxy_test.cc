// Signal `haproxy` over a log that the test writes and counters that it makes up.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "providers/signal/traffic_lines.h"
#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr auto kLog = "unix:/run/log.sock";

// One server that carries a release, `shop/davy1`, with a stranger beside it.
struct HaproxySource : ::testing::Test {
  World world;
  std::unique_ptr<ports::Source> source;
  ports::TrafficLog* log = nullptr;
  std::uint64_t requests = 0, strangers = 0, inside = 0, dropped = 0, pid = 7;
  std::optional<Error> away;

  void SetUp() override {
    world.dialer.answer = [this](const std::string& asked) -> Result<std::string> {
      if (away) return std::unexpected(*away);
      if (asked == "show info") return fmt::format("Pid: {}\nDroppedLogs: {}\n", pid, dropped);
      return fmt::format("# pxname,svname,scur,stot,type,\nshop,davy1,{},{},2,\nother,davy1,0,{},2,\n", inside,
                         requests, strangers);
    };
    auto made = haproxy_source({.socket = "/run/log.sock", .stats = "/run/stats.sock"}, world.outside, {});
    ASSERT_TRUE(made) << made.error().message;
    source = std::move(*made);
    log = source->traffic_log();
    ASSERT_TRUE(log);
    log->know([](auto&) { return std::set<std::string>{"shop/davy1"}; });
    counters();  // the servers are met
  }
  // A tenth of a second in which so many requests ended, and so many lines came.
  judge::Window window(int ended, int lines) {
    requests += static_cast<std::uint64_t>(ended);
    for (int i = 0; i < lines; ++i)
      world.logs.write(kLog, "davy1 1 127.0.0.1 10.0.0.1 shop shop davy1 0/0/0/2/2 200 1 -- 0 1/1/1/1/0/0 GET \"/\"");
    world.clock.time += 100ms;
    auto seen = run(log->look());
    EXPECT_TRUE(seen);
    return seen.value_or(judge::Window{});
  }
  Result<judge::Window> counters() { return run(log->beside().source->look()); }
  // Two windows and a look at the counters.
  judge::Window look(int ended, int lines) {
    window(ended, lines);
    (void)counters();
    return window(0, 0);
  }
};

TEST_F(HaproxySource, CountsLinesByServerAndReadsCountersBeside) {
  auto w = window(3, 3);
  EXPECT_EQ(w.releases["shop/davy1"].requests, 3u);
  EXPECT_TRUE(w.complete);
  EXPECT_TRUE(w.counts.empty()) << "what is compared is no series";
  inside = 4;
  EXPECT_EQ(counters()->numbers["sessions"]["shop/davy1"], 4);
}

TEST_F(HaproxySource, AWindowIsSureOnceItsLinesWereCompared) {
  auto first = look(10, 10);
  ASSERT_TRUE(first.sure);
  EXPECT_LT(*first.sure, first.from) << "not yet";
  for (int i = 0; i < 3; ++i) look(10, 10);
  auto later = look(10, 10);
  EXPECT_GE(*later.sure, first.from);
  EXPECT_TRUE(later.complete);
}

TEST_F(HaproxySource, RequestsWithoutLinesAreAGapSinceTheLastGoodComparison) {
  for (int i = 0; i < 4; ++i) look(100, 100);
  auto good = *window(0, 0).sure;
  judge::Window w;
  for (int i = 0; i < 6 && w.complete; ++i) w = look(100, 0);
  EXPECT_FALSE(w.complete);
  EXPECT_TRUE(w.doubted);
  EXPECT_EQ(w.gap,
            "HAProxy counts requests of which no log line came: does its `log` line name /run/log.sock (seen from "
            "inside of its chroot), and may it write there (`writers`)?");
  EXPECT_GE(*w.sure, good);
  EXPECT_LT(*w.sure, w.from - 300ms) << "the windows before are doubted, too";
}

TEST_F(HaproxySource, RequestsOfServersThatAreNoneOfOursNeedNoLine) {
  for (int i = 0; i < 6; ++i) {
    strangers += 100;
    EXPECT_TRUE(look(10, 10).complete);
  }
}

TEST_F(HaproxySource, LinesThatHaproxyDroppedAreADoubtOnce) {
  look(10, 10);
  dropped = 3;
  EXPECT_THAT(look(10, 10).gap, StartsWith("HAProxy dropped lines of its log"));
  EXPECT_TRUE(look(10, 10).complete);
  dropped = 1, pid = 8;
  EXPECT_TRUE(look(10, 10).complete) << "a reload begins a new count";
}

TEST_F(HaproxySource, WhereTheCountersCannotBeReadNothingIsKnownToBeWhole) {
  away = Error{Code::unavailable, "connection refused", "", {}};
  auto seen = counters();
  ASSERT_FALSE(seen);
  EXPECT_THAT(seen.error().message, StartsWith("HAProxy cannot be asked: connection refused"));
  auto w = window(1, 1);
  EXPECT_FALSE(w.complete);
  EXPECT_EQ(w.gap, "HAProxy cannot be asked: connection refused");
  away.reset();
  (void)counters();
  EXPECT_TRUE(window(1, 1).complete);
}

TEST(TrafficLogs, WithoutCountersAllIsSureAtOnce) {
  World world;
  auto source = haproxy_source({.socket = "/run/log.sock"}, world.outside, {});
  ASSERT_TRUE(source);
  EXPECT_FALSE((*source)->traffic_log()->beside().source);
  EXPECT_FALSE(run((*source)->look())->sure);
}

TEST(TrafficLogs, AGapOfTheReaderIsTheWindows) {
  World world;
  auto source = log_source({.place = {.what = "/a.log"}}, world.outside, {});
  ASSERT_TRUE(source);
  world.logs.logs["/a.log"].gap = "there is no file /a.log";
  auto w = run((*source)->look());
  EXPECT_FALSE(w->complete);
  EXPECT_EQ(w->gap, "there is no file /a.log");
  EXPECT_FALSE(w->doubted);
}

}  // namespace
}  // namespace davy::providers
