#include "providers/signal/traffic_lines.h"

#include <gtest/gtest.h>

#include "spec/json.h"

namespace davy::providers {
namespace {

Result<LogSignal> signal(const spec::Json& json) { return spec::decoded<LogSignal>(spec::from_json(json), "log"); }

Result<TrafficOptions> options(const spec::Json& json) {
  auto decoded = signal(json);
  if (!decoded) return std::unexpected(decoded.error());
  return traffic_options(*decoded);
}

TEST(TrafficOptions, WhatNamesNothingIsAMistake) {
  for (auto bad : {"", "unix:", "docker: ", "docker:--since=1", "udp:5514", "udp:localhost", "journald:-x"})
    EXPECT_FALSE(signal(bad)) << bad;
  EXPECT_FALSE(signal({{"access-log", "a.log"}, {"format", "ngnix"}}));
}

TEST(TrafficOptions, APlanIsWrittenAsItWasRead) {
  for (auto text : {"/var/log/a.log", "unix:/x", "udp:[::1]:5514", "journald:a", "docker:b", "command:c d", "-"}) {
    auto decoded = signal({{"access-log", text}, {"format", "json"}, {"only", "HTTP/"}});
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(spec::encode(*decoded), (spec::Json{{"access-log", text}, {"format", "json"}, {"only", "HTTP/"}}));
  }
}

TEST(TrafficOptions, AFormatIsToldFromTheLinesUnlessItIsSaidInFull) {
  EXPECT_TRUE(options("a.log")->guess);
  EXPECT_EQ(options({{"access-log", "a.log"}, {"format", "nginx"}, {"server-by", "upstream"}})->guess->fields.server,
            "upstream");
  auto said = options({{"access-log", "a.log"}, {"format", "json:status=code"}, {"ignore", {"/health"}}});
  EXPECT_FALSE(said->guess);
  EXPECT_EQ(said->lines.format.name(), "json");
  EXPECT_EQ(said->lines.excluded, std::vector<std::string>{"/health"});
  EXPECT_FALSE(options({{"access-log", "a.log"}, {"release-by", "path:0"}}));
  EXPECT_FALSE(options({{"access-log", "a.log"}, {"format", "haproxy"}, {"client", "cookie"}}));
}

// Kubernetes, "Configure Liveness, Readiness and Startup Probes"; Spring Boot, "Production-ready Features"
TEST(TrafficOptions, WhoLooksAfterAServiceIsNoUserUnlessThePlanSaysSo) {
  auto usual = options("a.log")->lines.excluded;
  for (auto path : {"/healthz", "/readyz", "/livez", "/health", "/actuator/health*", "/metrics"})
    EXPECT_EQ(std::ranges::count(usual, path), 1) << path;
  EXPECT_EQ(options({{"access-log", "a.log"}, {"ignore", {"/ping"}}})->lines.excluded,
            std::vector<std::string>{"/ping"});
}

TEST(TrafficOptions, PathsThatAreSaidAreAllThatCounts) {
  EXPECT_THAT(options("a.log")->lines.included, testing::IsEmpty());
  EXPECT_THAT(options({{"access-log", "a.log"}, {"paths", {"/pay*"}}})->lines.included, testing::ElementsAre("/pay*"));
}

}  // namespace
}  // namespace davy::providers
