// Sources over HTTP: scrape, prometheus, health. How each asks, what it makes of the answer, and what becomes of it
// when the other side goes away.
#include <gmock/gmock.h>

#include "providers/signal/health.h"
#include "providers/signal/prometheus.h"
#include "providers/signal/scrape.h"
#include "providers/testing/source.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

ports::HttpAnswer ok(std::string body, std::string type = "text/plain; version=0.0.4") {
  return {.status = 200, .headers = {{"content-type", std::move(type)}}, .body = std::move(body), .took = 12ms};
}

TEST(ScrapeSource, GivesWhatGrewBetweenLooks) {
  World world;
  int n = 100;
  world.http.answer = [&](auto& r) {
    EXPECT_EQ(r.url, "http://a:80/metrics");
    EXPECT_THAT(r.headers.at("Accept"), HasSubstr("openmetrics"));
    return ok("http_requests_total{version=\"3\",code=\"500\"} " + std::to_string(n) +
              "\nhttp_requests_total{version=\"3\",path=\"/metrics\"} 5000\nheap 7\n");
  };
  Watched service(world.outside, "scrape",
                  R"({"scrape": "http://a:80/metrics", "release-by": "version", "series": {"heap": "heap"}})");
  auto first = service.look();
  EXPECT_EQ(first.from, first.to);
  EXPECT_TRUE(first.releases.empty());
  EXPECT_EQ(number(first, "heap"), 7);
  world.clock.time += 10s, n += 30;
  auto w = service.look();
  EXPECT_EQ(w.length(), 10s);
  EXPECT_EQ(w.releases["3"], (judge::Tally{.requests = 30, .errors = 30})) << "the page itself is no user";
}

TEST(ScrapeSource, ReadsOpenMetricsWhereItIsTold) {
  World world;
  world.http.answer = [](auto&) { return ok("a 1\n", "application/openmetrics-text; version=1.0.0"); };
  Watched service(world.outside, "scrape", R"({"scrape": "http://a/metrics"})");
  EXPECT_THAT(service.try_look().error().message, HasSubstr("cut off"));
}

TEST(ScrapeSource, SaysSinceWhenItIsAwayAndComesBackWithWhatGrewMeanwhile) {
  World world;
  bool away = false;
  int n = 100;
  world.http.answer = [&](auto&) -> Result<ports::HttpAnswer> {
    if (away) return fail(Code::unavailable, "a:80 refused the connection");
    return ok("http_requests_total " + std::to_string(n) + "\n");
  };
  Watched service(world.outside, "scrape", R"({"scrape": "http://a:80/metrics"})");
  service.look();
  auto gone = world.clock.time += 10s;
  away = true;
  EXPECT_THAT(service.try_look().error().message, HasSubstr("refused the connection; away since " + clock_text(gone)));
  world.clock.time += 20s;
  EXPECT_THAT(service.try_look().error().message, HasSubstr("away since " + clock_text(gone) + " (20s)"));
  away = false, n = 160;
  world.clock.time += 10s;
  auto w = service.look();
  EXPECT_EQ(w.releases[""].requests, 60u);
  EXPECT_EQ(w.length(), 40s) << "since it was last seen";
}

TEST(ScrapeSource, AnEmptyPageIsNoGrowthButAway) {
  World world;
  world.http.answer = [](auto&) { return ok(""); };
  Watched service(world.outside, "scrape", R"({"scrape": "http://a:80/metrics"})");
  EXPECT_THAT(service.try_look().error().message, HasSubstr("a:80/metrics answered with an empty page"));
}

TEST(ScrapeSource, SaysWhatAnswered) {
  World world;
  world.http.answer = [](auto&) { return ports::HttpAnswer{.status = 404}; };
  Watched service(world.outside, "scrape", R"({"scrape": "http://user:pass@a:80/metrics?x=1"})");
  auto seen = service.try_look();
  EXPECT_THAT(seen.error().message, HasSubstr("a:80/metrics answered 404"));
  EXPECT_THAT(seen.error().message, Not(HasSubstr("pass")));
}

TEST(ScrapeSource, SendsSecretsByName) {
  auto r = request(ScrapeSignal{.urls = {{"http://a"}}, .token = "$METRICS_TOKEN"}, "http://a", 3s);
  ASSERT_TRUE(r.auth);
  EXPECT_EQ(r.auth->secret.name, "METRICS_TOKEN");
  World world;
  for (auto wrong : {R"({"scrape": "http://a", "token": "hunter2"})", R"({"scrape": "http://a", "user": "u"})",
                     R"({"scrape": "http://a", "token": "$A", "user": "u", "password": "$B"})"}) {
    auto made = (*all_providers().find_source("scrape"))(spec::from_json(*spec::parse_json(wrong)), world.outside, {});
    ASSERT_FALSE(made) << wrong;
    EXPECT_EQ(made.error().code, Code::invalid);
    EXPECT_THAT(to_string(made.error()), Not(HasSubstr("hunter2")));
  }
}

TEST(ScrapeSource, TellsAPlansMistakes) {
  auto check = [](std::string_view json) {
    spec::Diagnostics mistakes;
    all_providers().vocabulary().find("signal", "scrape")->check(spec::from_json(*spec::parse_json(json)), mistakes);
    return mistakes.count();
  };
  EXPECT_EQ(check(R"({"scrape": ["http://a", "http://b"], "requests": "r{a=\"b\"}", "series": {"x": {"metric": "m",
                      "among": "n", "as": "rate"}, "y": "z"}})"),
            0u);
  EXPECT_EQ(check(R"x({"scrape": "http://a", "requests": "rate(r[5m])", "series": {
    "x" : {"as" : "mean"}}
})x"),
            3u);
}

TEST(PrometheusSource, AsksAndKeepsReleasesApart) {
  World world;
  world.http.answer = [](auto&) {
    return ok(R"({"status":"success","data":{"resultType":"vector","result":[
      {"metric":{"version":"2"},"value":[1,"0.5"]},{"metric":{"version":"3"},"value":[1,"+Inf"]}]}})");
  };
  Watched signal(world.outside, "prometheus",
                 R"({"prometheus": "http://p:9090/", "query": "a", "queries": {"b": "c{d=\"e\"}"},
                     "release-by": "version", "user": "davy", "password": "$PROM"})");
  auto w = signal.look();
  EXPECT_EQ(number(w, "", "2"), .5);
  EXPECT_EQ(number(w, "b", "2"), .5);
  EXPECT_EQ(number(w, "", "3"), std::nullopt) << "infinite is no number";
  ASSERT_EQ(world.http.asked.size(), 2u);
  auto& r = world.http.asked[1];
  EXPECT_EQ(r.method, "POST");
  EXPECT_EQ(r.url, "http://p:9090/api/v1/query");
  EXPECT_EQ(r.body, "query=c%7Bd%3D%22e%22%7D&time=1700000000.000");
  EXPECT_EQ(r.auth->user, "davy");
}

TEST(PrometheusSource, AsksForARangeWhereThePlanDoes) {
  auto r = request(PrometheusProbe{.url = "http://p", .query = "q", .range = 5min}, Time(1000s), 3s);
  EXPECT_EQ(r.url, "http://p/api/v1/query_range");
  EXPECT_EQ(r.body, "query=q&start=700.000&end=1000.000&step=15");
}

TEST(PrometheusSource, SaysWhatItWasTold) {
  World world;
  world.http.answer = [](auto&) {
    return ports::HttpAnswer{.status = 400, .body = R"x({"status":"error","errorType":"bad_data","error":"no )"})x"};
  };
  Watched signal(world.outside, "prometheus", R"({"prometheus": "http://p:9090", "query": "("})");
  EXPECT_THAT(signal.try_look().error().message, HasSubstr("p:9090: Prometheus answered 400: bad_data: no )"));
}

TEST(PrometheusProbe, FindsNumbers) {
  World world;
  world.http.answer = [](auto&) {
    return ok(R"({"status":"success","data":{"resultType":"matrix","result":[
      {"metric":{},"values":[[1,"1"],[2,"5"],[3,"3"]]}]}})");
  };
  auto seen = *run(perform(PrometheusProbe{.url = "http://p", .query = "q", .range = 1min}, world.outside, {}));
  EXPECT_TRUE(seen.ok);
  EXPECT_EQ(seen.numbers["value"], 3);
  EXPECT_EQ(seen.numbers["most"], 5);
  EXPECT_EQ(seen.numbers["mean"], 3);
  EXPECT_EQ(seen.numbers["count"], 1);
  EXPECT_FALSE(observed(PrometheusProbe{}, signals::PromAnswer{.type = "vector"}).ok) << "nothing found";
}

TEST(PrometheusSource, TakesANumberForWhatThePlanSaysItMeans) {
  World world;
  world.http.answer = [](auto&) {
    return ok(R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"250"]}]}})");
  };
  Watched signal(world.outside, "prometheus",
                 R"({"prometheus": "http://p", "queries": {"wait": "a", "queue": "b"}, "unit": {"wait": "ms"}})");
  auto w = signal.look();
  EXPECT_EQ(number(w, "wait"), .25);
  EXPECT_EQ(number(w, "queue"), 250);
  spec::Measure percent{"percent", spec::Unit::ratio, 0.01};
  auto seen = *run(perform(PrometheusProbe{.url = "http://p", .query = "q", .unit = percent}, world.outside, {}));
  EXPECT_EQ(seen.numbers["value"], 2.5);
  EXPECT_EQ(seen.numbers["most"], 2.5);
  EXPECT_EQ(seen.numbers["count"], 1);
}

TEST(HealthSource, TakesANumberForWhatThePlanSaysItMeans) {
  spec::Measure ms{"ms", spec::Unit::seconds, 0.001};
  HealthSignal o{.unit = {{}, {{"db.latency", ms}, {"mq.latency", ms}}}};
  auto w =
      *observed(o, {.status = 200, .body = R"({"db":{"latency":12},"mq":{"latency":"0.5s"},"s3":{"latency":"9ms"}})"});
  EXPECT_EQ(number(w, "db.latency"), .012);
  EXPECT_EQ(number(w, "mq.latency"), .5);
  EXPECT_EQ(number(w, "s3.latency"), std::nullopt) << "the plan does not speak of time";
  EXPECT_EQ(state(w, "s3.latency"), "9ms");
}

TEST(HealthSource, GivesTheWordOfEachPart) {
  World world;
  world.http.answer = [](auto&) {
    return ports::HttpAnswer{.status = 503,
                             .body = R"({"status":"DOWN","components":{"db":{"status":"UP"},"mq":{"status":"DOWN"}}})",
                             .took = 30ms};
  };
  Watched health(world.outside, "health", R"({"health": "http://a/health"})");
  auto w = health.look();
  EXPECT_EQ(state(w, ""), "DOWN");
  EXPECT_EQ(state(w, "db"), "UP");
  EXPECT_EQ(number(w, "failing"), 1);
  EXPECT_EQ(number(w, "http_status"), 503);
  EXPECT_EQ(number(w, "time"), .03);
}

TEST(HealthSource, ReadsWordsAndBareStatus) {
  auto word = [](int status, std::string body) {
    return state(*observed(HealthSignal{}, {.status = status, .body = body}), "");
  };
  EXPECT_EQ(word(200, "OK\n"), "OK");
  EXPECT_EQ(word(200, "<html>…"), "up");
  EXPECT_EQ(word(503, ""), "down");
  EXPECT_EQ(word(200, "{}"), "up");
  EXPECT_EQ(word(200, "\"healthy\""), "healthy");
}

TEST(HealthSource, DoesNotTakeAWrongPathForSickness) {
  EXPECT_EQ(observed(HealthSignal{.url = "http://a/helth"}, {.status = 404}).error().message, "a/helth answered 404");
  EXPECT_EQ(observed(HealthSignal{}, {.status = 401}).error().code, Code::refused);
}

TEST(ContainerSource, AsksTheEngineOnItsSocket) {
  World world;
  int looks = 0;
  world.http.answer = [&](auto& r) -> Result<ports::HttpAnswer> {
    std::string_view url = r.url;
    EXPECT_TRUE(url.starts_with("http+unix://%2Frun%2Fdocker.sock/containers/shop-web-1/")) << url;
    if (url.ends_with("/json"))
      return ok(R"({"Id":"4f","RestartCount":1,"State":{"Status":"running","StartedAt":"a"}})", "application/json");
    EXPECT_TRUE(url.ends_with("/stats?stream=false&one-shot=true")) << url;
    return ok(R"({"cpu_stats":{"cpu_usage":{"total_usage":)" + std::to_string(++looks * 2'000'000'000LL) + "}}}",
              "application/json");
  };
  Watched container(world.outside, "container", R"({"container": "shop-web-1", "engine": "/run/docker.sock"})");
  EXPECT_EQ(state(container.look(), ""), "running");
  world.clock.time += 4s;
  EXPECT_EQ(number(container.look(), "cpu"), 0.5);
  world.http.answer = [](auto&) { return ports::HttpAnswer{.status = 404}; };
  auto gone = container.try_look();
  ASSERT_FALSE(gone);
  EXPECT_TRUE(gone.error().message.starts_with("/run/docker.sock knows no container shop-web-1"))
      << gone.error().message;
}

TEST(ContainerSource, ANameThatIsNoneNeverReachesTheEngine) {
  World world;
  auto options = spec::from_json(*spec::parse_json(R"({"container": "a/../../images/json?"})"));
  EXPECT_FALSE((*all_providers().find_source("container"))(options, world.outside, {}));
}

}  // namespace
}  // namespace davy::providers
