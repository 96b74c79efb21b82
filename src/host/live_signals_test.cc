// Sources into windows by release, over logs that the test writes.
#include "host/live_signals.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "providers/registry.h"
#include "providers/testing/world.h"
#include "spec/json.h"

namespace davy::host {
namespace {

using namespace providers::testing;

run::Runbook book_of(const spec::Json& signals) {
  run::Runbook out;
  out.subjects = {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}, {"front", {"2", "front@2"}, {"1", "front@1"}}};
  out.setup.services = {{.name = "shop", .router = run::Chosen{"haproxy", {}}}};
  for (auto& [name, one] : signals.items())
    out.setup.signals.push_back({name, {one.begin().key(), spec::from_json(one)}, 1s});
  return out;
}

// Each log ends its windows at its own pace, as they do in the world; each look finds a line.
struct PacedLogs : ports::Logs {
  struct Reading : ports::LineReading {
    Reading(std::unique_ptr<ports::LineTaker> taker, Time at, Duration pace)
        : taker(std::move(taker)), at(at), pace(pace) {}
    Taken take() override {
      taker->line("davy1 1 127.0.0.1 10.0.0.1 in shop davy1 0/0/0/2/2 200 1 -- 0 1/1/1/1/0/0 GET \"/\"", at);
      auto from = std::exchange(at, at + pace);
      return {taker->finish(from, at), ""};
    }
    ports::Task<Taken> next() override { co_return take(); }
    std::unique_ptr<ports::LineTaker> taker;
    Time at;
    Duration pace;
  };
  Result<std::unique_ptr<ports::LineReading>> open(const ports::LineSpec&,
                                                   std::unique_ptr<ports::LineTaker> taker) override {
    pace += 30ms;
    return std::make_unique<Reading>(std::move(taker), began, pace);
  }
  Time began{1'700'000'000s};
  Duration pace = 40ms;
};

struct LiveSignalsTest : ::testing::Test {
  World world;
  ports::Registry registry = providers::all_providers();
  std::map<std::string, std::string> releases;
  LiveSignals signals{world.outside, registry, releases};

  void open(const spec::Json& json) {
    auto opened = signals.open(book_of(json));
    ASSERT_TRUE(opened) << opened.error().message;
  }
  void line(const std::string& log, const std::string& backend, int status = 200) {
    world.logs.write(
        log, fmt::format("davy1 1 127.0.0.1 10.0.0.1 in {} davy1 0/0/0/2/2 {} 1 -- 0 1/1/1/1/0/0 GET \"/\"", backend,
                         status));
  }
  judge::Window next() {
    world.clock.time += 100ms;
    auto out = providers::testing::run(signals.next());
    EXPECT_TRUE(out);
    return out.value_or(judge::Window{});
  }
};

TEST_F(LiveSignalsTest, SlotsOfTwoBackendsWithOneNameAreTwoServers) {
  open({{"traffic", {{"haproxy", "/run/log.sock"}}}});
  releases = {{"shop/davy1", "shop@2"}, {"front/davy1", "front@1"}};
  line("unix:/run/log.sock", "shop"), line("unix:/run/log.sock", "front", 500), line("unix:/run/log.sock", "other");
  auto w = next();
  EXPECT_EQ(w.releases.size(), 2u);
  EXPECT_EQ(w.releases["shop@2"].requests, 1u);
  EXPECT_EQ(w.releases["shop@2"].errors, 0u);
  EXPECT_EQ(w.releases["front@1"].errors, 1u);
}

// shop and front are shipped together.
TEST_F(LiveSignalsTest, AVersionOfSeveralServicesIsEachOnes) {
  signals::ReleaseMap map;
  map.set("2", "front@2");
  for (auto release : {"shop@2", "front@2"}) map.share("2", release);
  judge::Window seen, out;
  seen.numbers["lcp"]["2"] = 1.5, seen.counts["seen"]["2"] = 3;
  map.take(seen, "pages", out);
  EXPECT_EQ(out.numbers["pages.lcp"], (std::map<std::string, double>{{"front@2", 1.5}, {"shop@2", 1.5}}));
  EXPECT_EQ(out.counts["pages.seen"]["shop@2"], 3u);
}

// Their windows end where each likes; a moment is watched once all the same.
TEST_F(LiveSignalsTest, OfSeveralLogsEachMomentIsWatchedOnce) {
  PacedLogs logs;
  world.outside.logs = &logs;
  open({{"traffic", {{"access-log", "/a.log"}, {"format", "haproxy"}}},
        {"critical", {{"access-log", "/b.log"}, {"format", "haproxy"}}},
        {"other", {{"access-log", "/c.log"}, {"format", "haproxy"}}}});
  releases = {{"shop/davy1", "shop@2"}};
  auto last = logs.began;
  std::uint64_t lines = 0;
  for (int i = 0; i < 50; ++i) {
    auto w = next();
    EXPECT_EQ(w.from, last) << i;
    EXPECT_GT(w.to, w.from) << i;
    last = w.to, lines += w.releases[judge::of_signal("critical", "shop@2")].requests;
  }
  EXPECT_EQ(last, logs.began + 50 * 70ms);  // the first log sets the pace
  EXPECT_NEAR(static_cast<double>(lines), 35, 2) << "the second one's windows are of 100 ms each";
}

TEST_F(LiveSignalsTest, TwoTrafficSignalsNeverAddUp) {
  open({{"critical", {{"access-log", "/critical.log"}, {"format", "haproxy"}}},
        {"traffic", {{"haproxy", "/run/log.sock"}}}});
  releases = {{"shop/davy1", "shop@2"}};
  line("unix:/run/log.sock", "shop"), line("/critical.log", "shop", 500);
  auto w = next();
  EXPECT_EQ(w.releases["shop@2"].requests, 1u);
  EXPECT_EQ(w.releases["shop@2"].errors, 0u);
  EXPECT_EQ(w.releases[judge::of_signal("critical", "shop@2")].errors, 1u);
}

TEST_F(LiveSignalsTest, SaysWhatTheLinesOfALogAreTakenForOnceThatIsTold) {
  open({{"traffic", {{"access-log", "/access.log"}}}});
  EXPECT_TRUE(signals.formats().empty());
  for (int i = 0; i < 3; ++i)
    world.logs.write("/access.log",
                     R"(192.0.2.9 - - [21/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/7" rt=0.012)");
  next();
  ASSERT_TRUE(signals.formats().contains("traffic"));
  EXPECT_TRUE(signals.formats()["traffic"].contains("in seconds")) << signals.formats()["traffic"];
}

// Whoever would wait for a second look is sent home, so that each `begin` is one look.
struct OneLook : FakeClock {
  ports::Task<> sleep_until(Time t) override {
    if (t - time >= 1s) co_return fail(Code::cancelled, "enough");
    co_return co_await FakeClock::sleep_until(t);
  }
};

TEST(LiveProbes, GiveAllThatTheyFindAndWhetherItIsWell) {
  World world;
  OneLook clock;
  ports::Outside outside{clock, world.process, world.instances, world.http, world.dialer, world.files};
  auto registry = providers::all_providers();
  std::map<std::string, std::string> none;
  auto look = [&](int status, std::string body) {
    world.http.answer = [=](auto&) {
      return ports::HttpAnswer{.status = status, .headers = {{"date", "now"}}, .body = body, .took = 12ms};
    };
    LiveSignals signals(outside, registry, none);
    EXPECT_TRUE(signals.open(book_of({{"shop", {{"http", "http://shop/health"}, {"json", "load"}}}})));
    boost::asio::io_context io;
    engine::Nursery nursery(io.get_executor());
    signals.begin(nursery);
    io.run();
    return *providers::testing::run(signals.next());
  };
  auto w = look(503, R"({"load": 7})");
  EXPECT_EQ(w.numbers["shop"][""], 7);
  EXPECT_EQ(w.numbers["shop.status"][""], 503);
  EXPECT_DOUBLE_EQ(w.numbers["shop.time"][""], .012);
  EXPECT_FALSE(w.states.contains("shop.header.date")) << "which would be kept at every look";
  EXPECT_EQ(w.numbers["shop.up"][""], 0) << "it answered, and is not well";
  EXPECT_EQ(look(200, R"({"load": 8})").numbers["shop.up"][""], 1) << "8 is no word for well, but 200 is";
  EXPECT_EQ(look(200, R"({"load": "high"})").states["shop"][""], "high");
}

// A look in maintenance, and the next one after it: what grew between is the page's 503s and the release's answers.
TEST(LiveProbes, WhatGrewSinceALookInMaintenanceIsNobodys) {
  World world;
  OneLook clock;
  ports::Outside outside{clock, world.process, world.instances, world.http, world.dialer, world.files};
  auto registry = providers::all_providers();
  std::map<std::string, std::string> none;
  LiveSignals signals(outside, registry, none);
  auto options = spec::Json{{"scrape", "http://shop/metrics"}, {"release-by", "version"}};
  EXPECT_TRUE(signals.open(book_of({{"traffic", options}})));
  auto look = [&](int good, int bad) {
    world.http.answer = [=](auto&) {
      auto page = "http_requests_total{{version=\"2\",code=\"{}\"}} {}\n";
      return ports::HttpAnswer{
          .status = 200,
          .body = fmt::format(fmt::runtime(page), 200, good) + fmt::format(fmt::runtime(page), 503, bad)};
    };
    clock.time += 1s;
    boost::asio::io_context io;
    engine::Nursery nursery(io.get_executor());
    signals.begin(nursery);
    io.run();
    return *providers::testing::run(signals.next());
  };
  look(100, 0);
  EXPECT_EQ(look(100, 30).releases["shop@2"].errors, 30u);
  signals.paused();
  EXPECT_EQ(look(110, 45).releases["shop@2"].requests, 0u);
  auto after = look(117, 45);
  EXPECT_EQ(after.releases["shop@2"].requests, 7u);
  EXPECT_EQ(after.releases["shop@2"].errors, 0u);
}

TEST_F(LiveSignalsTest, WithoutALogTimeInWhichNobodyLookedIsAGap) {
  open(spec::Json::object());
  EXPECT_TRUE(next().complete);
  world.clock.time += 11s;
  auto w = next();
  EXPECT_FALSE(w.complete);
  EXPECT_TRUE(w.gap.starts_with("nobody read from ")) << w.gap;
  EXPECT_TRUE(next().complete);
}

}  // namespace
}  // namespace davy::host
