#include "host/log_options.h"

#include <gtest/gtest.h>

#include "spec/json.h"

namespace davy::host {
namespace {

using providers::LogSignal;

Result<LogSignal> signal(const spec::Json& json) { return spec::decoded<LogSignal>(spec::from_json(json), "log"); }

Result<io::LogReaderOptions> options(const spec::Json& json) {
  auto decoded = signal(json);
  if (!decoded) return std::unexpected(decoded.error());
  return log_options(*decoded);
}

TEST(LogOptions, EachPlaceIsASource) {
  EXPECT_EQ(std::get<io::FollowedFile>(options("/var/log/a.log")->source).path, "/var/log/a.log");
  auto socket = options({{"log", "unix:/run/davy/log.sock"}, {"writers", "group"}});
  EXPECT_EQ(std::get<io::UnixSocket>(socket->source).path, "/run/davy/log.sock");
  EXPECT_EQ(std::get<io::UnixSocket>(socket->source).mode, 0620u);
  EXPECT_EQ(std::get<io::UdpSocket>(options("udp:127.0.0.1:5514")->source).address, "127.0.0.1:5514");
  EXPECT_EQ(std::get<io::LogCommand>(options("journald:shop.service")->source).argv,
            io::journald_command("shop.service").argv);
  EXPECT_EQ(std::get<io::LogCommand>(options("docker:shop")->source).errors, io::LogCommand::Errors::lines);
  EXPECT_EQ(std::get<io::LogCommand>(options("command:a | b")->source).argv.back(), "a | b");
  EXPECT_TRUE(std::holds_alternative<io::StandardInput>(options("-")->source));
}

TEST(LogOptions, WhatNamesNothingIsAMistake) {
  for (auto bad : {"", "unix:", "docker: ", "docker:--since=1", "udp:5514", "udp:localhost", "journald:-x"})
    EXPECT_FALSE(signal(bad)) << bad;
  EXPECT_FALSE(signal({{"log", "a.log"}, {"format", "ngnix"}}));
}

TEST(LogOptions, APlanIsWrittenAsItWasRead) {
  for (auto text : {"/var/log/a.log", "unix:/x", "udp:[::1]:5514", "journald:a", "docker:b", "command:c d", "-"}) {
    auto decoded = signal({{"log", text}, {"format", "json"}, {"only", "HTTP/"}});
    ASSERT_TRUE(decoded) << text;
    EXPECT_EQ(spec::encode(*decoded), (spec::Json{{"log", text}, {"format", "json"}, {"only", "HTTP/"}}));
  }
}

TEST(LogOptions, AFormatIsToldFromTheLinesUnlessItIsSaidInFull) {
  EXPECT_TRUE(options("a.log")->guess);
  EXPECT_EQ(options({{"log", "a.log"}, {"format", "nginx"}, {"server-by", "upstream"}})->guess->fields.server,
            "upstream");
  auto said = options({{"log", "a.log"}, {"format", "json:status=code"}, {"ignore", {"/health"}}});
  EXPECT_FALSE(said->guess);
  EXPECT_EQ(said->lines.format.name(), "json");
  EXPECT_EQ(said->lines.excluded, std::vector<std::string>{"/health"});
  EXPECT_FALSE(options({{"log", "a.log"}, {"release-by", "path:0"}}));
  EXPECT_FALSE(options({{"log", "a.log"}, {"format", "haproxy"}, {"client", "cookie"}}));
}

}  // namespace
}  // namespace davy::host
