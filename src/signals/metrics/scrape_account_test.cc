#include "signals/metrics/scrape_account.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "signals/metrics/scrape_testing.h"

namespace davy::signals {
namespace {

using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;

TEST(ScrapeAccount, CountsRequestsAndErrorsOfTheUsualNames) {
  Target t;
  auto first = t.page("http_requests_total{status=\"200\"} 100\nhttp_requests_total{status=\"503\"} 4\n");
  EXPECT_TRUE(first.releases.empty()) << "what was before is nobody's";
  auto w = t.page(
      "http_requests_total{status=\"200\"} 190\nhttp_requests_total{status=\"503\"} 7\n"
      "http_requests_total{status=\"404\"} 2\n");
  EXPECT_EQ(w.releases[""], (judge::Tally{.requests = 95, .errors = 3, .client_errors = 2}));
}

TEST(ScrapeAccount, KnowsOtherFrameworksNames) {
  for (auto page : {"http_server_requests_seconds_count{{status=\"500\",uri=\"/a\"}} {}\n",
                    "http_server_request_duration_seconds_count{{http_response_status_code=\"500\"}} {}\n",
                    "traefik_service_requests_total{{code=\"500\"}} {}\n"}) {
    Target t;
    t.page(fmt::format(fmt::runtime(page), 10));
    EXPECT_EQ(t.page(fmt::format(fmt::runtime(page), 15)).releases[""].errors, 5u) << page;
  }
}

// http_requests_total and the histogram's count tell of the same requests.
TEST(ScrapeAccount, CountsARequestOnceThoughTwoMetricsTellOfIt) {
  Target t;
  auto page = [&](int n) {
    return t.page(fmt::format("http_request_duration_seconds_count {0}\nhttp_requests_total {0}\n", n));
  };
  page(10);
  EXPECT_EQ(page(15).releases[""].requests, 5u);
}

// Istio: https://istio.io/latest/docs/reference/config/metrics (labels of istio_requests_total)
TEST(ScrapeAccount, CountsTheErrorsOfIstiosLabels) {
  Target t({.requests = select("istio_requests_total"), .release_by = "destination_version"});
  auto page = [&](int n) {
    return t.page(
        fmt::format("istio_requests_total{{response_code=\"200\",destination_version=\"v1\"}} {0}\n"
                    "istio_requests_total{{response_code=\"503\",destination_version=\"v2\"}} {0}\n",
                    n));
  };
  page(10);
  auto w = page(50);
  EXPECT_EQ(w.releases["v1"], (judge::Tally{.requests = 40}));
  EXPECT_EQ(w.releases["v2"], (judge::Tally{.requests = 40, .errors = 40}));
}

TEST(ScrapeAccount, RequestsOfWhichNoLabelSaysHowTheyEndedAreNoSuccess) {
  Target t;
  t.page("http_requests_total{path=\"/a\"} 10\n");
  EXPECT_EQ(t.page("http_requests_total{path=\"/a\"} 50\n").releases[""],
            (judge::Tally{.requests = 40, .untold = 40, .untold_client = 40}));
}

// As rate() of what holds a NaN is NaN: errors that nobody counted are not none.
TEST(ScrapeAccount, ACounterOfRequestsThatShowsNoNumberTellsNothing) {
  Target t({.series = {{"pool", {.metric = select("pool_size")}}}});
  ScrapedPage page[] = {
      {"10.0.0.1:80", "http_requests_total{code=\"200\"} 5\nhttp_requests_total{code=\"500\"} NaN\n"}};
  auto seen = t.account.look(page, kBegin, kBegin + 10s);
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().message,
            "10.0.0.1:80: `http_requests_total` shows no number, so how requests ended nobody can tell");
  page[0].text = "http_requests_total{code=\"200\"} 5\npool_size NaN\n";
  EXPECT_TRUE(t.account.look(page, kBegin, kBegin + 10s)) << "a gauge may be none";
}

TEST(ScrapeAccount, SaysWhatThePageHasInsteadOfWhatWasLookedFor) {
  auto said = [](std::string_view page, ScrapeRules rules) {
    Target t(std::move(rules));
    t.page(page);
    return t.account.said();
  };
  ScrapeRules by_version{.release_by = "version"};
  EXPECT_EQ(said("http_requests_total{code=\"200\",version=\"2\"} 1\n", by_version),
            "the requests are `http_requests_total`, the release is `version`");
  EXPECT_EQ(
      said("axum_http_requests_total{status=\"200\"} 1\n", by_version),
      "no counter of requests that is known by its name; the page has `axum_http_requests_total`; `requests:` names "
      "one");
  EXPECT_EQ(
      said("http_requests_total{app_version=\"2\",code=\"200\"} 1\n", by_version),
      "the requests are `http_requests_total`, which has no label `version`, so nobody knows whose they are; it has "
      "`app_version`, `code`; `release-by:` names one");
  EXPECT_EQ(said("pool_size 3\n", {.series = {{"pool", {.metric = select("pool_size")}}}}), "")
      << "numbers of its own alone";
}

// prometheus#14089: Prometheus keeps the first and drops the rest.
TEST(ScrapeAccount, OfASeriesThatAPageShowsTwiceTheFirstCountsAndItIsTold) {
  Target t({.series = {{"pool", {.metric = select("pool_size")}}}});
  auto page = [&](int n) {
    return t.page(
        fmt::format("http_requests_total{{code=\"500\",version=\"2\"}} {}\n"
                    "http_requests_total{{version=\"2\",code=\"500\"}} 3\npool_size 11\npool_size 12\n",
                    n));
  };
  EXPECT_EQ(page(900).numbers["repeated_series"][""], 2);
  EXPECT_TRUE(page(900).releases.empty()) << "nothing grew";
  auto w = page(905);
  EXPECT_EQ(w.releases[""].errors, 5u);
  EXPECT_EQ(w.numbers["pool"][""], 11);
}

TEST(ScrapeAccount, TwoPagesOfOneAddressAreTwo) {
  Target t;
  auto look = [&](int a, int b) {
    ScrapedPage both[] = {{"10.0.0.1:80", fmt::format("http_requests_total {}\n", a)},
                          {"10.0.0.1:80", fmt::format("http_requests_total {}\n", b)}};
    return t.look(both);
  };
  look(900, 3);
  EXPECT_TRUE(look(900, 3).releases.empty());
  EXPECT_EQ(look(901, 5).releases[""].requests, 3u);
}

TEST(ScrapeAccount, TellsReleasesApartByALabel) {
  Target t({.release_by = "version"});
  t.page("http_requests_total{version=\"1\"} 1\nhttp_requests_total{version=\"2\"} 1\n");
  auto w = t.page("http_requests_total{version=\"1\"} 11\nhttp_requests_total{version=\"2\",status=\"500\"} 3\n");
  EXPECT_EQ(w.releases["1"].requests, 10u);
  EXPECT_EQ(w.releases["2"].errors, 3u);
}

TEST(ScrapeAccount, TellsReleasesApartByAnInfoMetricThatStandsLast) {
  Target t({.series = {{"memory", {.metric = select("process_resident_memory_bytes")}}},
            .release_by = "storefront_info.version"});
  auto page = [&](int n) {
    return t.page(
        fmt::format("http_requests_total {}\nprocess_resident_memory_bytes 5e6\n"
                    "storefront_info{{version=\"3\"}} 1\n",
                    n));
  };
  page(1);
  auto w = page(8);
  EXPECT_EQ(w.releases["3"].requests, 7u);
  EXPECT_EQ(w.numbers["memory"]["3"], 5e6);
}

TEST(ScrapeAccount, TellsReleasesApartByAddress) {
  Target t({.release_by = "address"});
  t.page("http_requests_total 1\n");
  EXPECT_EQ(t.page("http_requests_total 2\n").releases["10.0.0.1:80"].requests, 1u);
}

TEST(ScrapeAccount, CountsFromZeroAfterARestart) {
  Target t;
  auto started = [](Duration after) {
    return fmt::format("process_start_time_seconds {}\n", seconds((kBegin + after).time_since_epoch()));
  };
  t.page(started(-1h) + "http_requests_total 50\n");
  auto w = t.page("http_requests_total 70\n" + started(12s));
  EXPECT_EQ(w.releases[""].requests, 70u) << "though the counter rose";
  EXPECT_EQ(w.numbers["restarts"][""], 1);
  EXPECT_EQ(t.page("http_requests_total 71\n" + started(12s)).releases[""].requests, 1u);
}

TEST(ScrapeAccount, LeavesOutWhatIsNoUser) {
  Target t({.ignore = {"/metrics", "/health*"}});
  auto page = [&](int n) {
    return t.page(
        fmt::format("http_requests_total{{path=\"/metrics\"}} {0}\nhttp_requests_total{{path=\"/healthz\"}} "
                    "{0}\nhttp_requests_total{{path=\"/buy\"}} {0}\n",
                    n));
  };
  page(1);
  EXPECT_EQ(page(5).releases[""].requests, 4u);
}

// A page behind a load balancer, by turns of two processes. Each turn looks like a restart, or like growth.
TEST(ScrapeAccount, SeveralProcessesUnderOneAddressTellNothing) {
  auto page = [](int good, int bad) {
    return ScrapedPage{
        "a:80",
        fmt::format("http_requests_total{{code=\"200\"}} {}\nhttp_requests_total{{code=\"500\"}} {}\n", good, bad)};
  };
  auto look = [](ScrapeAccount& account, int i, ScrapedPage page) {
    ScrapedPage pages[] = {std::move(page)};
    return account.look(pages, kBegin + i * 1s, kBegin + (i + 1) * 1s);
  };
  ScrapeAccount account({});
  std::uint64_t errors = 0;
  bool told = false;
  for (int i = 0; i < 12; ++i) {
    auto w = look(account, i, i % 2 ? page(200 + i, 90) : page(10 + i, 2));
    if (w) errors += w->releases[""].errors;
    told = told || (!w && w.error().message.contains("several processes answer by turns"));
  }
  EXPECT_TRUE(told);
  EXPECT_LE(errors, 90u) << "at most the first turn is taken for growth";
  EXPECT_FALSE(look(account, 12, page(222, 90)));

  ScrapeAccount delta({});  // set back with every look: no counters
  int fails = 0;
  for (int i = 0; i < 12; ++i) fails += !look(delta, i, page(47 + i * 7 % 5, 12 - i % 2));
  EXPECT_GT(fails, 4);

  ScrapeAccount restarted({});  // once is a restart
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(look(restarted, i, page(1000 + 100 * i, 3)));
  for (int i = 5; i < 20; ++i) EXPECT_TRUE(look(restarted, i, page(100 * (i - 4), 0))) << i;
}

TEST(ScrapeAccount, AProcessThatBeganLongAgoIsNoNewOne) {
  auto page = [](double started, int n) {
    return ScrapedPage{
        "a:80", fmt::format("process_start_time_seconds {}\nhttp_requests_total{{code=\"500\"}} {}\n", started, n)};
  };
  auto begin = seconds(kBegin.time_since_epoch());
  ScrapeAccount account({});
  auto look = [&](int i, ScrapedPage page) {
    ScrapedPage pages[] = {std::move(page)};
    return account.look(pages, kBegin + i * 1s, kBegin + (i + 1) * 1s);
  };
  ASSERT_TRUE(look(0, page(begin - 5000, 400)));
  EXPECT_FALSE(look(1, page(begin - 4000, 400))) << "it was there before the first look";
  ScrapeAccount anew({});
  account = anew;
  ASSERT_TRUE(look(0, page(begin - 5000, 400)));
  auto w = look(1, page(begin + 1, 3));
  ASSERT_TRUE(w);
  EXPECT_EQ(w->releases[""].errors, 3u);
  EXPECT_EQ(w->numbers["restarts"][""], 1);
}

// Labels appear with their first event: after a restart one after the other, each lower than it was.
TEST(ScrapeAccount, ARestartWhoseSeriesComeBackOneByOneIsNoSecondProcess) {
  auto begin = seconds(kBegin.time_since_epoch());
  for (bool says_when : {true, false}) {
    ScrapeAccount account({});
    auto look = [&](int i, double started, int series, int n) {
      std::string text = says_when ? fmt::format("process_start_time_seconds {}\n", started) : "";
      for (int s = 0; s < series; ++s)
        text += fmt::format("http_requests_total{{code=\"200\",path=\"/{}\"}} {}\n", s, n + i);
      ScrapedPage pages[] = {{"a:80", text}};
      return account.look(pages, kBegin + i * 1s, kBegin + (i + 1) * 1s);
    };
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(look(i, begin - 100, 8, 1000));
    for (int i = 3; i < 12; ++i) EXPECT_TRUE(look(i, begin + 3, std::min(8, i - 2), 0)) << i << says_when;
  }
}

TEST(ScrapeAccount, TakesNothingFromAPageThatIsCutOff) {
  Target t;
  t.page("http_requests_total 10\n# EOF\n", Exposition::openmetrics);
  ScrapedPage half[] = {{"a:80", "http_requests_total 1", Exposition::openmetrics}};
  auto cut = t.account.look(half, kBegin, kBegin + 20s);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().message, "the page of a:80 is cut off: no `# EOF` after 1 samples");
  EXPECT_EQ(t.page("http_requests_total 13\n# EOF\n", Exposition::openmetrics).releases[""].requests, 3u);
}

TEST(ScrapeAccount, SaysThatAPageIsNone) {
  ScrapedPage other[] = {{"a:80", "<html>\n<body>"}};
  auto seen = ScrapeAccount({}).look(other, kBegin, kBegin);
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().message, "a:80 shows no page of metrics; it begins with `<html>`");
}

TEST(ScrapeAccount, LeavesOutStaleSamples) {
  Target t({.series = {{"old", {.metric = select("old")}}, {"new", {.metric = select("new")}}}});
  auto w = t.page("old 1 1699999000000\nnew 1 1699999990000\n");
  EXPECT_THAT(w.numbers, Not(Contains(Key("old"))));
  EXPECT_THAT(w.numbers, Contains(Key("new")));
}

TEST(ScrapeAccount, AddsTargetsUpAndTellsTheirRestartsApart) {
  Target t({.series = {{"memory", {.metric = select("memory")}},
                       {"hit_rate", {.metric = select("hits_total"), .among = select("lookups_total")}}}});
  auto page = [](std::string address, int started, int n, int hits) {
    return ScrapedPage{address, fmt::format("process_start_time_seconds {}\nhttp_requests_total {}\nmemory 10\n"
                                            "hits_total {}\nlookups_total {}\n",
                                            seconds(kBegin.time_since_epoch()) + started, n, hits, n)};
  };
  ScrapedPage first[] = {page("a:1", -9, 10, 0), page("b:1", -9, 100, 0)};
  t.look(first);
  ScrapedPage second[] = {page("a:1", -9, 20, 10), page("b:1", 12, 30, 0)};
  auto w = t.look(second);
  EXPECT_EQ(w.releases[""].requests, 10u + 30u);
  EXPECT_EQ(w.numbers["memory"][""], 20);
  EXPECT_DOUBLE_EQ(w.numbers["hit_rate"][""], 10.0 / 40) << "of all lookups, not of each target's rate";
  EXPECT_EQ(w.numbers["restarts"][""], 1);
}

TEST(ScrapeAccount, ShowsHowManyLinesItCouldNotRead) {
  Target t;
  EXPECT_EQ(t.page("http_requests_total 1\nnonsense\n").numbers["broken_lines"][""], 1);
  EXPECT_THAT(t.page("http_requests_total 1\n").numbers, Not(Contains(Key("broken_lines"))));
}

TEST(ScrapeAccount, DoesNotMindAnotherOrderOfLabels) {
  Target t;
  t.page("http_requests_total{a=\"1\",b=\"2\"} 100\n");
  EXPECT_EQ(t.page("http_requests_total{b=\"2\",a=\"1\"} 101\n").releases[""].requests, 1u);
}

}  // namespace
}  // namespace davy::signals
