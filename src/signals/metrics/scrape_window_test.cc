#include "signals/metrics/scrape_window.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "signals/metrics/scrape_testing.h"

namespace davy::signals {
namespace {

using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;

TEST(ScrapeAccount, AMetricThatSaysHowRequestsEndedIsPreferred) {
  Target t;
  auto page = [&](int n) {
    return t.page(fmt::format("http_requests_total {0}\nhttp_request_duration_seconds_count{{code=\"500\"}} {0}\n", n));
  };
  page(10);
  EXPECT_EQ(page(15).releases[""], (judge::Tally{.requests = 5, .errors = 5}));
}

TEST(ScrapeAccount, ThePlansOwnErrorsSayHowRequestsEndedAlsoBeforeTheFirstOne) {
  Target t({.requests = select("hits_total"), .errors = select("faults_total")});
  t.page("# TYPE faults_total counter\nhits_total 10\n");
  auto w = t.page("# TYPE faults_total counter\nhits_total 50\n");
  EXPECT_EQ(w.releases[""], (judge::Tally{.requests = 40, .untold_client = 40}));
  w = t.page("hits_total 60\nfaults_total 4\n");
  EXPECT_EQ(w.releases[""], (judge::Tally{.requests = 10, .errors = 4, .untold_client = 10}));
}

TEST(ScrapeAccount, ErrorsOfTheirOwnThatNoPageKnowsSayNothing) {
  Target t({.requests = select("hits_total"), .errors = select("faluts_total")});
  t.page("hits_total 10\nfaults_total 1\n");
  EXPECT_EQ(t.page("hits_total 50\nfaults_total 9\n").releases[""].untold, 40u);
}

TEST(ScrapeAccount, ErrorsThatDoNotSayWhoseTheyAreSayNothingOfARelease) {
  Target t({.requests = select("hits_total"), .errors = select("faults_total"), .release_by = "version"});
  t.page("hits_total{version=\"2\"} 10\nfaults_total 1\n");
  auto w = t.page("hits_total{version=\"2\"} 50\nfaults_total 9\n");
  EXPECT_EQ(w.releases["2"].untold, 40u);
  EXPECT_FALSE(w.releases.contains(""));
}

TEST(ScrapeAccount, RequestsWithoutTheLabelThatTellsReleasesApartAreNobodys) {
  Target t({.release_by = "version"});
  t.page("http_requests_total{code=\"500\"} 1\nhttp_requests_total{version=\"2\",code=\"200\"} 1\n");
  auto w = t.page("http_requests_total{code=\"500\"} 9\nhttp_requests_total{version=\"2\",code=\"200\"} 3\n");
  EXPECT_FALSE(w.releases.contains(""));
  EXPECT_EQ(w.releases["2"].requests, 2u);
  EXPECT_EQ(w.numbers["unlabelled"][""], 8);
}

TEST(ScrapeAccount, ReadsLatencyFromHistograms) {
  Target t;
  auto page = [&](int fast, int slow) {
    return t.page(
        fmt::format("# TYPE http_request_duration_seconds histogram\n"
                    "http_request_duration_seconds_bucket{{le=\"0.1\"}} {}\n"
                    "http_request_duration_seconds_bucket{{le=\"1\"}} {}\n"
                    "http_request_duration_seconds_bucket{{le=\"+Inf\"}} {}\n"
                    "http_request_duration_seconds_count {}\n",
                    fast, fast + slow, fast + slow, fast + slow));
  };
  page(1000, 0);
  auto w = page(1050, 50);
  EXPECT_EQ(w.releases[""].latency.count(), 100u) << "only what came since";
  EXPECT_NEAR(seconds(w.releases[""].latency.quantile(.95)), .91, .03);
  EXPECT_DOUBLE_EQ(w.numbers["latency_resolution"][""], .9);
}

TEST(ScrapeAccount, GivesTheQuantilesOfASummaryAsNumbers) {
  Target t;
  auto page = [&](double sum, int count) {
    return t.page(
        fmt::format("http_request_duration_seconds{{quantile=\"0.95\",path=\"/a\"}} 0.3\n"
                    "http_request_duration_seconds{{quantile=\"0.95\",path=\"/b\"}} 0.2\n"
                    "http_request_duration_seconds{{quantile=\"0.999\"}} NaN\n"
                    "http_request_duration_seconds_sum {}\nhttp_request_duration_seconds_count {}\n",
                    sum, count));
  };
  page(1, 10);
  auto w = page(3, 20);
  EXPECT_EQ(w.numbers["latency_p95"][""], .3) << "the worst of them";
  EXPECT_THAT(w.numbers, Not(Contains(Key("latency_p999"))));
  EXPECT_DOUBLE_EQ(w.numbers["latency_mean"][""], .2);
  EXPECT_EQ(w.releases[""].latency.count(), 0u);
}

TEST(ScrapeAccount, TakesThePlansOwnSelectors) {
  Target t({.requests = select("rpc_total{kind=\"user\"}"),
            .errors = select("rpc_failures_total"),
            .latency = select("rpc_milliseconds{kind=\"user\"}")});
  auto page = [&](int n) {
    return t.page(
        fmt::format("rpc_total{{kind=\"user\"}} {0}\nrpc_total{{kind=\"cron\"}} {0}\nrpc_failures_total {0}\n"
                    "http_requests_total {0}\nrpc_milliseconds_bucket{{kind=\"user\",le=\"100\"}} {0}\n"
                    "rpc_milliseconds_bucket{{kind=\"user\",le=\"+Inf\"}} {0}\n",
                    n));
  };
  page(10);
  auto w = page(20);
  EXPECT_EQ(w.releases[""].requests, 10u);
  EXPECT_EQ(w.releases[""].errors, 10u);
  EXPECT_NEAR(seconds(w.releases[""].latency.quantile(.5)), .05, .006);
}

TEST(ScrapeAccount, GivesTheSeriesOfThePlan) {
  using As = OwnSeries::As;
  Target t({.series = {{"memory", {.metric = select("process_resident_memory_bytes")}},
                       {"queue", {.metric = select("queue_length{queue=~\"a|b\"}")}},
                       {"misses", {.metric = select("cache_misses_total")}},
                       {"total", {.metric = select("cache_misses_total"), .as = As::value}},
                       {"odd", {.metric = select("odd_counter"), .as = As::rate}},
                       {"hit_rate", {.metric = select("cache_hits_total"), .among = select("cache_lookups_total")}},
                       {"absent", {.metric = select("nowhere")}}}});
  auto page = [&](int n) {
    return t.page(
        fmt::format("process_resident_memory_bytes 7e6\nqueue_length{{queue=\"a\"}} 2\n"
                    "queue_length{{queue=\"b\"}} 3\nqueue_length{{queue=\"c\"}} 5\ncache_misses_total {0}\n"
                    "odd_counter {0}\ncache_hits_total {1}\ncache_lookups_total {0}\n",
                    n * 100, n * 80));
  };
  auto first = page(1);
  EXPECT_EQ(first.numbers["memory"][""], 7e6);
  EXPECT_THAT(first.numbers, Not(Contains(Key("misses"))));
  EXPECT_THAT(first.numbers, Not(Contains(Key("hit_rate"))));
  auto w = page(2);
  EXPECT_EQ(w.numbers["queue"][""], 5);
  EXPECT_EQ(w.numbers["misses"][""], 10) << "per second";
  EXPECT_EQ(w.numbers["total"][""], 200);
  EXPECT_EQ(w.numbers["odd"][""], 10);
  EXPECT_DOUBLE_EQ(w.numbers["hit_rate"][""], .8);
  EXPECT_THAT(w.numbers, Not(Contains(Key("absent"))));
}

TEST(ScrapeAccount, TakesASeriesOfThePlanForWhatItSaysItMeans) {
  spec::Measure percent{"percent", spec::Unit::ratio, 0.01}, kb{"KB", spec::Unit::bytes, 1000};
  Target t({.series = {{"used", {.metric = select("pool_used"), .unit = percent}},
                       {"sent", {.metric = select("sent_total"), .unit = kb}},
                       {"odd", {.metric = select("odd_counter"), .unit = kb}}}});
  auto page = [&](int n) {
    return t.page(fmt::format("# TYPE odd_counter counter\npool_used 75\nsent_total {0}\nodd_counter {0}\n", n * 100));
  };
  page(1);
  auto w = page(2);
  EXPECT_EQ(w.numbers["used"][""], .75);
  EXPECT_EQ(w.numbers["sent"][""], 10'000) << "bytes per second";
  EXPECT_THAT(w.numbers, Not(Contains(Key("odd")))) << "whether it is KB or KB per second the plan does not say";
}

// Envoy, "Cluster statistics", upstream_rq_time: milliseconds, and no name says so.
TEST(ScrapeAccount, AHistogramThatDoesNotSayItsUnitTellsNoLatency) {
  auto rules = [](spec::Measure unit) {
    return ScrapeRules{.requests = select("rq_total"), .latency = select("envoy_rq_time"), .latency_unit = unit};
  };
  auto page = [](int n) {
    return fmt::format(
        "rq_total{{code=\"200\"}} {0}\nenvoy_rq_time_bucket{{le=\"25\"}} {0}\n"
        "envoy_rq_time_bucket{{le=\"+Inf\"}} {0}\n",
        n);
  };
  Target silent(rules({})), told(rules({"ms", spec::Unit::seconds, 1e-3}));
  silent.page(page(100)), told.page(page(100));
  EXPECT_EQ(silent.page(page(200)).releases[""].latency.count(), 0u);
  EXPECT_NEAR(seconds(told.page(page(200)).releases[""].latency.quantile(.95)), .024, .002);
}

}  // namespace
}  // namespace davy::signals
