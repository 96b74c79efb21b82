#include "signals/systems/health_report.h"

#include <gmock/gmock.h>

namespace davy::signals {
namespace {

using ::testing::Contains;
using ::testing::Pair;

HealthReport report(std::string_view text) { return health_report(*spec::parse_json(text)); }

TEST(HealthReport, ReadsAMapOfOnesOwn) {
  auto r = report(R"({"status": "healthy", "database": "connected", "active_connections": 4, "latency_ms": 20,
                      "checks": {"redis": {"status": "up", "response-time": "15ms"}}, "uptime": 12.5})");
  EXPECT_THAT(r.states, Contains(Pair("", "healthy")));
  EXPECT_THAT(r.states, Contains(Pair("database", "connected")));
  EXPECT_THAT(r.states, Contains(Pair("redis", "up")));
  EXPECT_THAT(r.states, Contains(Pair("checks.redis", "up")));
  EXPECT_THAT(r.numbers, Contains(Pair("active_connections", spec::Quantity{4})));
  EXPECT_THAT(r.numbers, Contains(Pair("latency_ms", spec::Quantity{.02, spec::Unit::seconds})));
  EXPECT_THAT(r.numbers, Contains(Pair("redis.response_time", spec::Quantity{.015, spec::Unit::seconds})));
  EXPECT_EQ(r.failing, 0u);
}

TEST(HealthReport, ReadsSpringBootsActuator) {
  auto r = report(R"({"status":"DOWN","components":{"db":{"status":"UP","details":{"database":"PostgreSQL"}},
    "diskSpace":{"status":"UP","details":{"total":500,"free":300,"exists":true}},
    "redis":{"status":"DOWN","details":{"error":"refused"}}}})");
  EXPECT_EQ(r.states[""], "DOWN");
  EXPECT_EQ(r.states["db"], "UP");
  EXPECT_EQ(r.states["components.db"], "UP");
  EXPECT_EQ(r.states["redis"], "DOWN");
  EXPECT_EQ(r.numbers["diskSpace.free"].value, 300);
  EXPECT_EQ(r.failing, 1u);
}

TEST(HealthReport, ReadsAspNet) {
  auto r = report(R"({"status":"Degraded","totalDuration":"00:00:00.0520000","entries":{"sql":{"data":{},
    "duration":"00:00:00.0250000","status":"Healthy","tags":[]},"queue":{"status":"Degraded"}}})");
  EXPECT_EQ(r.states[""], "Degraded");
  EXPECT_EQ(r.states["sql"], "Healthy");
  EXPECT_DOUBLE_EQ(r.numbers["totalDuration"].value, .052);
  EXPECT_DOUBLE_EQ(r.numbers["sql.duration"].value, .025);
  EXPECT_EQ(r.failing, 1u);
}

// draft-inadarei-api-health-check-06, the example of section 5.
TEST(HealthReport, ReadsApplicationHealthJson) {
  auto r = report(R"({"status":"pass","checks":{"cassandra:responseTime":[{"componentId":"d6f1","observedValue":250,
    "observedUnit":"ms","status":"pass"}],"cassandra:connections":[{"observedValue":75,"status":"warn"}]}})");
  EXPECT_EQ(r.states["cassandra_responseTime"], "pass");
  EXPECT_DOUBLE_EQ(r.numbers["cassandra_responseTime"].value, .25);
  EXPECT_EQ(r.numbers["cassandra_connections"].value, 75);
  EXPECT_EQ(r.failing, 1u) << "a warning is not well";
}

TEST(HealthReport, ReadsTerminusAndCountsAPartOnce) {
  auto r = report(R"({"status":"error","info":{"a":{"status":"up"}},"error":{"b":{"status":"down"}},
                      "details":{"a":{"status":"up"},"b":{"status":"down"}}})");
  EXPECT_EQ(r.states["b"], "down");
  EXPECT_EQ(r.failing, 1u);
}

TEST(HealthReport, ReadsListsOfNamedChecks) {
  auto r = report(R"({"healthy":true,"checks":[{"name":"disk","status":"ok"},{"name":"mail server","ok":false}]})");
  EXPECT_EQ(r.states[""], "true");
  EXPECT_EQ(r.states["disk"], "ok");
  EXPECT_EQ(r.states["mail_server"], "false");
  EXPECT_EQ(r.numbers["checks.count"].value, 2);
  EXPECT_EQ(r.failing, 1u);
}

TEST(HealthReport, ReadsABareWord) {
  EXPECT_EQ(report("\"ok\"").states[""], "ok");
  EXPECT_EQ(report("true").states[""], "true");
  EXPECT_TRUE(report("5").states.empty());
  EXPECT_TRUE(report("null").states.empty());
}

TEST(HealthReport, ReadsDurations) {
  EXPECT_DOUBLE_EQ(*duration_text("1.5 s"), 1.5);
  EXPECT_DOUBLE_EQ(*duration_text("15ms"), .015);
  EXPECT_DOUBLE_EQ(*duration_text("01:00:01.5"), 3601.5);
  for (auto none : {"", "ms", "15", "15 parsecs", "1.2.3", "a:b:c", "::", "-1:00:00", "1:2:3:4", "+1ms"})
    EXPECT_FALSE(duration_text(none)) << none;
}

TEST(HealthReport, IsBoundedAndSaysSo) {
  auto many = spec::Json::object();
  for (int i = 0; i < 5000; ++i) many["check" + std::to_string(i)] = "ok";
  auto r = health_report(many);
  EXPECT_TRUE(r.cut);
  EXPECT_LE(r.states.size(), HealthReport::kMost + 1);
  spec::Json deep = "ok";
  for (int i = 0; i < 500; ++i) deep = spec::Json{{"a", deep}};
  EXPECT_TRUE(health_report(deep).states.empty());
}

TEST(HealthReport, ShowsNoControlCharacters) {
  EXPECT_EQ(report(R"({"status":"\u001b[2Jup"})").states[""], "\\x1b[2Jup");
  EXPECT_EQ(report(R"({"a b/\u00e9":"x"})").states.begin()->first, "a_b___");
}

}  // namespace
}  // namespace davy::signals
