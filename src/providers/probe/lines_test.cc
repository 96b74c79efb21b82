#include "providers/probe/lines.h"

#include <gtest/gtest.h>

#include "providers/platform/process.h"
#include "providers/platform/systemd_testing.h"
#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;

const Time kNow = *parse_timestamp("2026-11-21T10:10:00Z");
const std::string kLog =
    "2026-11-21T10:00:00Z INFO up\n"
    "2026-11-21T10:08:00Z ERROR no disk\n"
    "    at Disk.java:7\n"
    "2026-11-21T10:09:00Z INFO listening on port 8000\n";

double count(const LinesProbe& o, const std::string& text, bool cut = false) {
  auto seen = observed(o, {{text, cut, false}}, kNow);
  return seen ? seen->numbers["count"] : -1;
}

TEST(LinesProbe, FindsLinesByTheirPatternAndTime) {
  EXPECT_EQ(count({}, kLog), 4);
  EXPECT_EQ(count({.pattern = "ERROR|INFO"}, kLog), 3);
  EXPECT_EQ(count({.last = 5min}, kLog), 3) << "a line without a time belongs to the one before";
  EXPECT_EQ(count({.last = 90s}, kLog), 1);
  EXPECT_EQ(count({.last = 1s}, kLog), 0);
  EXPECT_EQ(count({.last = 5min}, ""), 0) << "an empty log said nothing";
}

TEST(LinesProbe, SaysTheLinesForConditionsOnTheirText) {
  auto seen = observed({.pattern = "port"}, {{kLog}}, kNow);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->ok);
  EXPECT_TRUE(seen->words["line"].contains("listening on port 8000"));
  EXPECT_FALSE(seen->words["line"].contains("ERROR"));
  EXPECT_EQ(seen->says, "1 of 4 lines, the newest: 2026-11-21T10:09:00Z INFO listening on port 8000");
}

TEST(LinesProbe, CannotTellWithoutDatesOrWhereTheEndDoesNotReachBackSoFar) {
  EXPECT_EQ(count({.last = 5min}, "2026-11-21 10:09:00 no zone\n"), -1);
  EXPECT_EQ(count({.last = 5min}, "piece\n2026-11-21T10:09:00Z young\n", true), -1);
  EXPECT_EQ(count({.last = 5min}, "piece\n2026-11-21T10:01:00Z old\n2026-11-21T10:09:00Z young\n", true), 1);
  EXPECT_EQ(count({}, "piece\nwhole\n", true), 1) << "the first line of a cut log is a piece";
}

TEST(LinesProbe, AsksJournaldAndDockerForNoMore) {
  LinesProbe o{.place = {.log = {ports::LogPlace::Kind::journald, "shop.service"}}, .last = 90s};
  EXPECT_EQ(request(o, 5s).argv.back(), "--since=-90s");
  EXPECT_EQ(request(o, 5s).argv[5], "--unit=shop.service");
  o = {.place = {.log = {ports::LogPlace::Kind::docker, "shop"}}};
  EXPECT_EQ(request(o, 5s).argv, (std::vector<std::string>{"docker", "logs", "--tail=2000", "--", "shop"}));
}

TEST(LinesProbe, ReadsTheEndOfAFile) {
  World world;
  TempDir dir;
  LinesProbe o{.place = {.log = {.what = "app.log"}}, .pattern = "last"};
  EXPECT_FALSE(testing::run(perform(o, world.outside, {.directory = dir.path}))) << "no log is no clean log";
  std::ofstream(dir.path + "/app.log") << std::string(2 * 1024 * 1024, 'x') << "\nthe last word\n";
  auto seen = testing::run(perform(o, world.outside, {.directory = dir.path}));
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_EQ(seen->numbers["lines"], 1);
  EXPECT_EQ(seen->numbers["count"], 1);
}

TEST(LinesProbe, OfAServiceReadsWhatTheVersionThatIsMeantPrints) {
  World world;
  TempDir dir;
  auto instance = [&](std::string release, std::string text) {
    auto path = dir.path + "/" + release;
    std::ofstream(path) << text;
    auto key = instance_key({"shop", "production", ""}, release, 0);
    auto& one = world.instances.all[key];
    one.key = key, one.alive = true, one.log_path = path;
  };
  instance("shop@2~r1", "two\n"), instance("shop@3~r2", "three\n");
  auto said = [&](const char* version) {
    auto seen =
        testing::run(perform({.place = {.service = "shop"}}, world.outside, {.variables = {{"version", version}}}));
    return seen ? seen->words["line"] : because(seen);
  };
  EXPECT_EQ(said("3"), "three\n");
  EXPECT_EQ(said("2"), "two\n");
  EXPECT_EQ(said("none"), "two\nthree\n");
}

TEST(LinesProbe, OfAServiceUnderSystemdAsksTheJournal) {
  World world;
  FakeSystemd systemd(world.clock);
  world.outside.units = &systemd;
  systemd.all["app.service"] = {};
  systemd.live(systemd.all["app.service"]);
  world.process.answer = [](auto&) { return ports::CommandEnd{.exit_code = 0, .output = "listening\n"}; };
  ports::Asking who;
  who.services["app"] = {"systemd", spec::from_json({{"systemd", "app"}})};
  auto seen = testing::run(perform({.place = {.service = "app"}, .last = 5min}, world.outside, who));
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_EQ(seen->numbers["lines"], 1) << "journald itself says no more than is asked for, so no line needs a time";
  EXPECT_EQ(world.process.asked.back().argv.back(), "--since=-300s");
  EXPECT_EQ(world.process.asked.back().argv[5], "--unit=app.service");
}

TEST(LinesProbe, APlaceThatKeepsNothingIsRefused) {
  for (auto options : {R"({"lines": "udp:127.0.0.1:5514"})", R"({"lines": "/a", "pattern": "("})"}) {
    spec::Diagnostics mistakes;
    LinesProbe o;
    auto v = spec::from_json(*spec::parse_json(options));
    EXPECT_TRUE(spec::decode(v, o, mistakes));
    EXPECT_FALSE(fit_together(o, v, mistakes)) << options;
  }
}

}  // namespace
}  // namespace davy::providers
