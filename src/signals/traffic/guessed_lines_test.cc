#include "signals/traffic/guessed_lines.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace davy::signals {
namespace {

using namespace std::chrono_literals;

std::string nginx_line(int status, std::string_view seconds, std::string_view upstream) {
  return fmt::format(R"(10.0.0.1 - - [21/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" {} 5 "-" "curl/7.88" rt={} ua="{}")",
                     status, seconds, upstream);
}

TEST(GuessedLines, TellsTheFormatFromTheLinesAndCountsThoseToo) {
  GuessedLines lines({}, FormatGuess{}, "");
  for (int i = 0; i < 120; ++i) lines.line(nginx_line(i % 10 ? 200 : 500, "0.012", "10.1.0.1:80"));
  auto w = lines.finish({}, Time(1s), "");
  EXPECT_EQ(w.lines, 120u);
  EXPECT_EQ(w.broken, 0u);
  ASSERT_TRUE(w.by_server.releases.contains("/10.1.0.1:80"));
  EXPECT_EQ(w.by_server.releases["/10.1.0.1:80"].errors, 12u);
  EXPECT_TRUE(w.by_server.complete) << w.by_server.gap;
}

TEST(GuessedLines, KnowsTheFormatOfWhatWasThereBeforeWithoutCountingIt) {
  GuessedLines lines({}, FormatGuess{.only = "nginx"}, "");
  lines.earlier({nginx_line(200, "0.012", "10.1.0.1:80")});
  auto before = lines.finish({}, Time(1s), "");
  EXPECT_EQ(before.lines, 0u);
  EXPECT_TRUE(before.by_server.complete);
  lines.line(nginx_line(502, "0.001", "10.1.0.2:80"));
  EXPECT_EQ(lines.finish({}, Time(1s), "").by_server.releases["/10.1.0.2:80"].errors, 1u);
}

TEST(GuessedLines, LinesOfNoFormatAreBrokenAndLaterOnesHaveTheirChance) {
  GuessedLines lines({}, FormatGuess{}, "");
  for (int i = 0; i < 70; ++i) lines.line("what is this?");
  auto w = lines.finish({}, Time(1s), "");
  EXPECT_EQ(w.broken, 70u);
  EXPECT_FALSE(w.by_server.complete);
  EXPECT_NE(w.by_server.gap, "");
  for (int i = 0; i < 10; ++i) lines.line(nginx_line(200, "0.012", "10.1.0.1:80"));
  w = lines.finish({}, Time(2s), "");
  EXPECT_EQ(w.lines, 10u);
  EXPECT_EQ(w.broken, 0u);
  EXPECT_TRUE(w.by_server.complete);
}

TEST(GuessedLines, ASettledFormatIsNotAskedAgainAndAnotherOneIsBroken) {
  GuessedLines lines({.format = *Format::from("nginx")}, {}, "");
  lines.line("davy1 1 127.0.0.1 10.0.0.1 shop storefront davy1 0/0/0/2/2 200 1 -- 0 1/1/1/1/0/0 GET \"/\"");
  auto w = lines.finish({}, Time(1s), "");
  EXPECT_EQ(w.broken, 1u);
  EXPECT_EQ(w.by_server.gap, "1 of 1 lines of the log are not of its format, or were cut off");
}

TEST(GuessedLines, WhatAGivenFormatFindsIsSaidWithItsFirstLines) {
  GuessedLines lines({.format = *Format::from("json:latency=tok:ms")}, {}, "");
  EXPECT_EQ(lines.finish({}, Time(1s), "").lines, 0u);
  EXPECT_EQ(lines.taken_for(), "") << "nothing was read";
  lines.line(R"({"status":200,"took":3})");
  lines.finish({}, Time(2s), "");
  EXPECT_TRUE(lines.taken_for().contains("it says no latency")) << lines.taken_for();
}

TEST(GuessedLines, AFormatThatSomebodyGaveIsReadInsideOfWhatStandsAround) {
  GuessedLines lines({.format = *Format::from("json:status=code")}, {}, "");
  for (int i = 0; i < 10; ++i) lines.line(R"(2026-11-21T10:00:02.1Z stdout F {"code":500,"server":"s1"})");
  auto window = lines.finish({}, {}, "");
  EXPECT_EQ(window.broken, 0u);
  EXPECT_EQ(window.by_server.releases.at("/s1").errors, 10u);
}

TEST(GuessedLines, SaysWhatItTookTheFieldsForOnceThatIsTold) {
  GuessedLines lines({}, FormatGuess{}, "");
  EXPECT_EQ(lines.taken_for(), "");
  for (int i = 0; i < 3; ++i) lines.line(nginx_line(200, "0.012", "10.1.0.1:80"));
  lines.finish({}, {}, "");
  EXPECT_TRUE(lines.taken_for().contains("the latency is `$request_time` in seconds")) << lines.taken_for();
}

TEST(GuessedLines, PassesOverWhatIsNoRequest) {
  GuessedLines lines({.format = *Format::from("nginx")}, {}, "HTTP/");
  lines.line("starting worker 7");
  lines.line(nginx_line(200, "0.012", "10.1.0.1:80"));
  auto w = lines.finish({}, Time(1s), "");
  EXPECT_EQ(w.lines, 1u);
  EXPECT_EQ(w.broken, 0u);
}

}  // namespace
}  // namespace davy::signals
