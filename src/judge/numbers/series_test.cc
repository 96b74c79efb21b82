#include "judge/numbers/series.h"

#include <random>

#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;

Reading read_new(std::string_view text, const Rolling& r) { return read(condition(text), r, kNew, {}); }

// The textbook: all windows kept, those that ended within the last `over` (and a slot) added up anew at each look.
Tally slow(const std::vector<Window>& all, Duration over) {
  Tally out;
  for (auto& w : all)
    if (w.to > all.back().to - over)
      if (auto found = w.releases.find(kNew); found != w.releases.end()) out.merge(found->second);
  return out;
}

TEST(Rolling, EqualsTheSumOverWhatItKeeps) {
  for (auto length : {100ms, 1000ms, 7000ms, 100000ms}) {
    std::mt19937_64 random(3);
    Windows windows(length);
    Rolling rolling(60s);
    std::vector<Window> all;
    for (int i = 0; i < 1500; ++i) {
      auto errors = random() % 3;
      all.push_back(windows.next(tally(errors + random() % 5, errors, Duration(1ms) * (1 + random() % 100))));
      rolling.see(all.back());
      auto least = slow(all, 60s), most = slow(all, 61s);
      auto has = rolling.tally(kNew) ? *rolling.tally(kNew) : Tally{};
      ASSERT_GE(has.requests, least.requests);
      ASSERT_LE(has.requests, most.requests);
      ASSERT_EQ(has.latency.count(), has.requests);
    }
  }
}

TEST(Rolling, AlwaysHoldsTheNewestWindowHoweverLong) {
  Windows hours(1h);
  Rolling rolling(60s);
  for (int i = 0; i < 3; ++i) rolling.see(hours.next(tally(100 + static_cast<std::uint64_t>(i))));
  EXPECT_EQ(rolling.tally(kNew)->requests, 102u);
  EXPECT_EQ(rolling.covered(), 1h);
}

TEST(Rolling, ForgetsAReleaseThatHasNoMoreTraffic) {
  Windows windows(1s);
  Rolling rolling(10s);
  rolling.see(windows.next(tally(5)));
  for (int i = 0; i < 12; ++i) rolling.see(windows.next({}, tally(7)));
  EXPECT_EQ(rolling.tally(kNew), nullptr);
  EXPECT_NE(rolling.tally(kOld), nullptr);
}

TEST(Series, ReadsWhatTheTrafficGives) {
  Windows windows(1s);
  Rolling rolling(4s);
  for (int i = 0; i < 4; ++i) {
    auto t = tally(100, 5, 20ms);
    t.client_errors = 10, t.aborts = 2, t.redispatched = 25;
    rolling.see(windows.next(t));
  }
  EXPECT_DOUBLE_EQ(*read_new("error_rate > 5%", rolling).number, 0.24) << "redispatches are its trouble too";
  EXPECT_EQ(*read_new("errors > 5", rolling).number, 120);
  EXPECT_EQ(*read_new("requests > 5", rolling).number, 400);
  EXPECT_DOUBLE_EQ(*read_new("request_rate > 5/s", rolling).number, 100);
  EXPECT_DOUBLE_EQ(*read_new("client_error_rate > 5%", rolling).number, 0.1);
  EXPECT_DOUBLE_EQ(*read_new("abort_rate > 5%", rolling).number, 0.02);
  EXPECT_EQ(*read_new("aborts > 5", rolling).number, 8);
  for (auto field : {"p50", "p90", "p95", "p99", "max"})
    EXPECT_NEAR(*read_new("latency." + std::string(field) + " > 5s", rolling).number, 0.02, 0.0004) << field;
}

TEST(Series, FieldsAreQuantiles) {
  EXPECT_EQ(quantile_of_field("p50"), 0.5);
  EXPECT_EQ(quantile_of_field("p5"), 0.05);
  EXPECT_EQ(quantile_of_field("p999"), 0.999);
  EXPECT_EQ(quantile_of_field("max"), 1.0);
  for (auto field : {"", "p", "p9x", "x95", "p-5", "p95.5", "p123456"}) EXPECT_FALSE(quantile_of_field(field)) << field;
}

TEST(Series, TooLittleEvidenceSaysWhatIsMissing) {
  Windows windows;
  Rolling rolling(60s);
  EXPECT_EQ(read_new("error_rate > 5%", rolling).lacking, "0 of 20 requests");
  rolling.see(windows.next(tally(19, 19)));
  EXPECT_EQ(read_new("error_rate > 5%", rolling).lacking, "19 of 20 requests");
  rolling.see(windows.next(tally(1, 1)));
  EXPECT_EQ(*read_new("error_rate > 5%", rolling).number, 1);
  EXPECT_EQ(read_new("latency.p99 > 1s", rolling).lacking, "20 of 100 requests");
  EXPECT_EQ(read_new("memory > 1 GB", rolling).lacking, "no memory in 1m");
  EXPECT_EQ(read_new("requests < 1", rolling).lacking, "only 200ms were watched");
}

TEST(Series, TwoErrorsDoNotConvictButNoneDoesPass) {
  Windows windows;
  Rolling rolling(60s);
  rolling.see(windows.next(tally(20, 2)));
  EXPECT_EQ(read_new("error_rate > 5%", rolling).lacking, "2 of 3 errors");
  EXPECT_TRUE(read_new("error_rate < 0.5%", rolling).number);
  EXPECT_TRUE(read_new("error_rate > 50%", rolling).number) << "2 of 20 are not that many anyway";
  EXPECT_TRUE(read_new("errors > 0", rolling).number) << "a number is its own evidence";
}

TEST(Series, CountsAreAddedUpOverWhatIsAskedFor) {
  Windows windows(1s);
  Rolling rolling(10s);
  auto see = [&](std::uint64_t n) {
    auto w = windows.empty();
    w.counts["app.ERROR"] = {{kNew, n}, {"", 100}};
    rolling.see(w);
  };
  EXPECT_EQ(read_new("app.ERROR > 4", rolling).lacking, "no app in 10s");
  see(3), see(2);
  EXPECT_EQ(*read_new("app.ERROR > 4", rolling).number, 5) << "more than four are known at once";
  EXPECT_EQ(read_new("app.ERROR < 4", rolling).lacking, "only 2s were watched");
  EXPECT_EQ(read_new("app.ERROR > 1/s", rolling).lacking, "only 2s were watched");
  for (int i = 0; i < 8; ++i) see(1);
  EXPECT_EQ(*read_new("app.ERROR < 4", rolling).number, 13);
  EXPECT_EQ(*read_new("app.ERROR > 1/s", rolling).number, 1.3);
  for (int i = 0; i < 11; ++i) see(0);
  EXPECT_EQ(*read_new("app.ERROR = 0", rolling).number, 0) << "what went out of sight is forgotten";
  EXPECT_EQ(*read(condition("app.ERROR > 4"), rolling, "shop@9", {}).number, 1000) << "the service's";
}

TEST(Series, CountsOutliveAnAbsenceThatIsNotTakenForWatching) {
  Windows windows(1s);
  Rolling rolling(4s);
  auto see = [&](std::uint64_t n, bool away = false) {
    auto w = windows.empty();
    if (away) w.away["app"] = "no file";
    if (!away) w.counts["app.ERROR"][kNew] = n;
    rolling.see(w);
  };
  see(1), see(1), see(1), see(1), see(0, true);
  EXPECT_EQ(read_new("app.ERROR > 1", rolling).lacking, "app: no file");
  see(1);
  EXPECT_EQ(*read_new("app.ERROR > 1", rolling).number, 3);
  EXPECT_EQ(read_new("app.ERROR < 9", rolling).lacking, "only 1s were watched");
  see(1), see(1), see(1);
  EXPECT_EQ(*read_new("app.ERROR < 9", rolling).number, 4);
}

TEST(Series, CountsFromBeforeTheRunAreThoseOfTheSameTime) {
  Windows windows(60s);
  auto frozen = windows.empty();
  frozen.counts["app.ERROR"][""] = 30;
  EXPECT_EQ(*read_recorded(condition("app.ERROR > 150% of baseline"), frozen, kOld, {}, 10s).number, 5);
  EXPECT_EQ(*read_recorded(condition("app.ERROR > 1/s"), frozen, kOld, {}, 10s).number, 0.5);
}

TEST(Series, GaugesReadTheNewestOrTheMeanOverWhatIsAskedFor) {
  Windows windows(1s);
  Rolling rolling(10s);
  for (double n : {10.0, 30.0, 20.0}) {
    auto w = windows.empty();
    w.numbers["connections"] = {{kNew, n}, {"", 99}};
    w.states["health"] = {{"", n == 20 ? "unhealthy" : "healthy"}};
    rolling.see(w);
  }
  EXPECT_EQ(*read_new("connections > 5", rolling).number, 20);
  EXPECT_EQ(*read_new("connections over 10s > 5", rolling).number, 20);
  EXPECT_EQ(*read_new("connections.max > 5", rolling).number, 30);
  EXPECT_EQ(*read_new("connections.min > 5", rolling).number, 10);
  EXPECT_EQ(*read_new("health is not healthy", rolling).word, "unhealthy");
  EXPECT_EQ(*read(condition("connections > 5"), rolling, kOld, {}).number, 99) << "the service's, where it has none";
  for (int i = 0; i < 12; ++i) rolling.see(windows.empty());
  EXPECT_FALSE(read_new("connections > 5", rolling).number) << "old numbers are no numbers";
  EXPECT_FALSE(read_new("health is not healthy", rolling).word);
}

TEST(Series, WhatASignalSaidBeforeItWentAwayIsNotHowThingsAre) {
  Windows windows(1s);
  Rolling rolling(60s);
  auto w = windows.empty();
  w.numbers = {{"database.pool_use", {{"", 0.9}}}, {"database2", {{"", 1}}}};
  w.states["database"][""] = "up";
  rolling.see(w);
  EXPECT_EQ(*read_new("database.pool_use > 80%", rolling).number, 0.9) << "a series of the signal, no statistic";
  w = windows.empty();
  w.away["database"] = "connection refused; away since 14:03:07";
  rolling.see(w);
  EXPECT_EQ(read_new("database.pool_use > 80%", rolling).lacking, "database: connection refused; away since 14:03:07");
  EXPECT_FALSE(read_new("database is healthy", rolling).word);
  EXPECT_EQ(read_new("database is away for 30s", rolling).word, "away");
  EXPECT_EQ(read_new("database2 is away", rolling).word, "there");
  EXPECT_TRUE(read_new("database2 > 0", rolling).number) << "another signal, though it begins the same";
  rolling.see(windows.empty());
  EXPECT_FALSE(read_new("database.pool_use > 80%", rolling).number) << "back, but it has not spoken yet";
  w = windows.empty();
  w.numbers["database.pool_use"][""] = 0.4;
  rolling.see(w);
  EXPECT_EQ(*read_new("database.pool_use > 80%", rolling).number, 0.4);
}

TEST(Series, UpIsWhatALookSaidOfItselfWhereItDid) {
  Windows windows(1s);
  Rolling rolling(60s);
  auto w = windows.empty();
  w.states["page"][""] = "200", w.numbers["page.up"][""] = 1;
  rolling.see(w);
  EXPECT_EQ(read_new("page is down", rolling).word, "up") << "200 is no word for well";
  w = windows.empty();
  w.states["page"][""] = "ok", w.numbers["page.up"][""] = 0;
  rolling.see(w);
  EXPECT_EQ(read_new("page is up", rolling).word, "down") << "the body says ok, the status 503";
}

TEST(Series, UpAndDownAreAboutHealthWhateverItsWordForThatIs) {
  Windows windows(1s);
  Rolling rolling(60s);
  auto say = [&](const char* word) {
    auto w = windows.empty();
    w.states["database"][""] = word;
    w.numbers["database.up"][""] = *word == 'U';
    rolling.see(w);
  };
  say("UP");
  EXPECT_EQ(read_new("database is up", rolling).word, "up");
  EXPECT_EQ(read_new("database is UP", rolling).word, "UP") << "its own word, whole";
  say("loading");
  EXPECT_EQ(read_new("database is down", rolling).word, "down");
  EXPECT_EQ(read_new("database is not up for 30s", rolling).word, "down");
  EXPECT_EQ(read_new("database is loading", rolling).word, "loading");
  EXPECT_EQ(*read_new("database.up over 1m > 99%", rolling).number, 0.5) << "the share of looks that were well";
}

TEST(Series, WhatCannotBeReadIsDownAndAwayAndHasNoWordOfItsOwn) {
  Windows windows(1s);
  Rolling rolling(60s);
  auto w = windows.empty();
  w.states["database"][""] = "up", w.numbers["database.up"][""] = 1;
  rolling.see(w);
  w = windows.empty();
  w.away["database"] = "connection refused", w.numbers["database.up"][""] = 0;
  rolling.see(w);
  EXPECT_EQ(read_new("database is down for 1m", rolling).word, "down");
  EXPECT_EQ(read_new("database is up", rolling).word, "down");
  EXPECT_EQ(read_new("database is away", rolling).word, "away");
  EXPECT_FALSE(read_new("database is healthy", rolling).word);
  EXPECT_FALSE(read_new("database is not healthy", rolling).word) << "cannot tell";
  EXPECT_EQ(*read_new("database.up over 1m > 99%", rolling).number, 0.5);
}

TEST(Series, AFieldThatIsAStatisticIsNoSeriesOfItsOwn) {
  EXPECT_EQ(series_of(condition("memory.max > 1 GB")), "memory");
  EXPECT_EQ(series_of(condition("memory.mean > 1 GB")), "memory");
  Tally t{.requests = 100};
  t.latency.add(std::chrono::milliseconds(10), 90), t.latency.add(std::chrono::milliseconds(510), 10);
  EXPECT_NEAR(traffic_number(condition("latency.mean > 1s"), t, {}), .06, .001);
  EXPECT_NEAR(traffic_number(condition("latency.p50 > 1s"), t, {}), .01, .001);
  EXPECT_NEAR(traffic_number(condition("latency.min > 1s"), t, {}), .01, .001);
  EXPECT_NEAR(traffic_number(condition("latency.max > 1s"), t, {}), .51, .01);
  EXPECT_EQ(series_of(condition("app.memory > 1 GB")), "app.memory");
  EXPECT_EQ(series_of(condition("memory > 1 GB")), "memory");
}

}  // namespace
}  // namespace davy::judge
