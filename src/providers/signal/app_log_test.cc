// Signal `lines` and probe `quiet`, over a log that the test writes; real files are in src/io/lines_test.cc.
#include "providers/signal/app_log.h"

#include <gmock/gmock.h>

#include "providers/platform/process.h"
#include "providers/platform/supervisor_testing.h"
#include "providers/platform/systemd_testing.h"
#include "providers/probe/quiet.h"
#include "providers/testing/source.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::uint64_t count(const judge::Window& w, const std::string& series, const std::string& label = "") {
  auto found = w.counts.find(series);
  return found == w.counts.end() || !found->second.contains(label) ? 999 : found->second.at(label);
}

TEST(LinesSource, CountsWhatCameSinceTheLastLook) {
  World world;
  Watched app(world.outside, "lines", R"({"lines": "/app.log", "patterns": {"CARD": "card"}, "release-by": "v"})");
  EXPECT_EQ(count(app.look(), "CARD"), 0u);
  world.logs.write("/app.log", "level=error v=3 msg=\"no card\"");
  world.clock.time += 1s;
  auto w = app.look();
  EXPECT_EQ(count(w, "CARD", "3"), 1u);
  EXPECT_EQ(count(w, "CARD"), 0u);
  EXPECT_EQ(count(w, "errors", "3"), 1u);
  EXPECT_TRUE(w.shown["new_errors"]["3"].contains("no card"));
  EXPECT_EQ(w.length(), 1s);
  world.clock.time += 1s;
  EXPECT_EQ(count(app.look(), "CARD", "3"), 0u);
}

TEST(LinesSource, AGapIsAwayAndWhatCameMeanwhileComesLater) {
  World world;
  Watched app(world.outside, "lines", R"({"lines": "/app.log"})");
  app.look();
  world.logs.logs["/app.log"].gap = "there is no file /app.log";
  world.logs.write("/app.log", "ERROR no card");
  EXPECT_THAT(app.try_look().error().message, StartsWith("there is no file /app.log; away since"));
  world.logs.logs["/app.log"].gap.clear();
  world.clock.time += 3s;
  auto w = app.look();
  EXPECT_EQ(count(w, "ERROR"), 1u);
  EXPECT_EQ(w.length(), 3s) << "as long as the absence";
}

TEST(LinesSource, WhatCannotBeIsSaidBeforeAnythingIsRead) {
  World world;
  LinesSignal bad{.place = {.log = {.what = "/app.log"}}, .patterns = {{"A", "("}}};
  EXPECT_FALSE(lines_source(bad, world.outside, {}));
  bad.patterns = {{"quiet", "x"}};
  EXPECT_FALSE(lines_source(bad, world.outside, {}));
  EXPECT_TRUE(world.logs.logs.empty());
  world.outside.logs = nullptr;
  EXPECT_FALSE(lines_source({.place = {.log = {.what = "/app.log"}}}, world.outside, {}));
}

TEST(LinesSource, OfAServiceReadsWhatItsInstancesPrintByRelease) {
  World world;
  auto start = [&](const std::string& release) {
    auto key = instance_key({"shop", "production", ""}, release, 0);
    world.instances.all[key] = {.key = key, .alive = true, .log_path = "/run/" + release};
  };
  start("shop@2");
  Watched app(world.outside, "lines", R"({"lines": "service:shop"})");
  app.look();
  start("shop@3");
  app.look();
  world.logs.write("/run/shop@2", "INFO fine");
  world.logs.write("/run/shop@3", "ERROR no card");
  world.clock.time += 1s;
  auto w = app.look();
  EXPECT_EQ(count(w, "lines", "shop@2"), 1u);
  EXPECT_EQ(count(w, "errors", "shop@3"), 1u);
  world.instances.all.begin()->second.alive = false;
  world.logs.write("/run/shop@2", "ERROR killed");
  EXPECT_EQ(count(app.look(), "errors", "shop@2"), 1u) << "it says why it died";
  world.instances.all.clear();
  app.look();
  EXPECT_TRUE(world.logs.logs.empty());
  EXPECT_THAT(app.try_look().error().message, StartsWith("no instance of shop writes a log here; away since"));
}

TEST(LinesSource, OfAServiceUnderSupervisorReadsItsLogFiles) {
  World world;
  FakeSupervisord supervisord(world);
  supervisord.all["api"] = {.state = ProgramState::running, .pid = 3, .since = world.clock.now(), .log = "/log/api"};
  supervisord.all["mute"] = {.state = ProgramState::running, .pid = 4, .since = world.clock.now()};
  ports::Asking who{.key = "x"};
  who.services["shop"] = {"supervisor", spec::from_json({{"supervisor", "all"}})};
  Watched app(world.outside, "lines", R"({"lines": "service:shop"})", who);
  app.look();
  world.logs.write("/log/api.out", "INFO fine");
  world.logs.write("/log/api.err", "ERROR no card");
  world.clock.time += 1s;
  auto w = app.look();
  EXPECT_EQ(count(w, "lines"), 2u);
  EXPECT_EQ(count(w, "errors"), 1u);
  supervisord.gone = true;
  EXPECT_THAT(app.try_look().error().message, HasSubstr("refused")) << "nobody knows where it prints now";
}

TEST(LinesSource, OfAServiceUnderSystemdReadsTheJournal) {
  World world;
  FakeSystemd systemd(world.clock);
  world.outside.units = &systemd;
  systemd.all["app.service"] = {};
  systemd.live(systemd.all["app.service"]);
  ports::Asking who{.key = "x"};
  who.services["app"] = {"systemd", spec::from_json({{"systemd", "app"}})};
  who.services["shop"] = {"systemd", spec::from_json({{"systemd", "shop@"}})};
  Watched app(world.outside, "lines", R"({"lines": "service:app"})", who);
  Watched shop(world.outside, "lines", R"({"lines": "service:shop"})", who);
  app.look();
  EXPECT_THAT(shop.try_look().error().message, StartsWith("no instance of shop writes a log here"));
  world.clock.time += 1s;
  world.logs.write("journald:app.service", "ERROR no card");
  EXPECT_EQ(count(app.look(), "errors"), 1u);
  ASSERT_TRUE(run(systemd.give({}, "shop@18100.service", {.note = R"({"release":"shop@3"})"})));
  shop.look();
  world.logs.write("journald:shop@18100.service", "ERROR no card");
  EXPECT_EQ(count(shop.look(), "errors", "shop@3"), 1u) << "by its release";
  systemd.gone = Error{Code::unavailable, "nobody answers"};
  EXPECT_THAT(app.try_look().error().message, HasSubstr("nobody answers"));
}

// Writes a line when so many looks have passed.
Result<ports::Observation> listens(World& world, QuietProbe o, std::string line = "", int at = 5) {
  o.place.what = "/app.log";
  int looks = 0;
  world.clock.slept = [&] {
    if (++looks == at && !line.empty()) world.logs.write("/app.log", line);
  };
  return run(perform(o, world.outside, {}));
}

TEST(QuietProbe, IsWellWhenNoSuchLineCame) {
  World world;
  auto began = world.clock.now();
  auto seen = listens(world, {.length = 30s}, "WARN is no error");
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_TRUE(seen->ok);
  EXPECT_EQ(seen->says, "quiet for 30s");
  EXPECT_EQ(world.clock.now() - began, 30s);
}

TEST(QuietProbe, EndsAtOnceWithTheLineMadeHarmless) {
  World world;
  auto began = world.clock.now();
  auto seen = listens(world, {.length = 30s}, "ERROR \x1b[2Jno card");
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_FALSE(seen->ok);
  EXPECT_EQ(world.clock.now() - began, 500ms);
  EXPECT_THAT(seen->says, HasSubstr("no card"));
  EXPECT_FALSE(seen->says.contains('\x1b'));
  EXPECT_EQ(seen->numbers["lines"], 1);
}

TEST(QuietProbe, APatternAndWhatIsKnownAreThePlans) {
  World world;
  EXPECT_FALSE(listens(world, {.length = 3s, .pattern = "WARN|ERROR"}, "WARN slow")->ok);
  EXPECT_TRUE(
      listens(world, {.length = 3s, .pattern = "WARN|ERROR", .known = "deprecated"}, "WARN deprecated call")->ok);
  EXPECT_FALSE(listens(world, {.length = 3s, .pattern = "("}));
  EXPECT_FALSE(listens(world, {.length = 3s, .known = "["}));
}

// journalctl was started a moment ago: nobody knows yet whether it follows.
TEST(QuietProbe, ListensFromWhenTheLogIsFollowed) {
  World world;
  auto began = world.clock.now();
  world.clock.slept = [&] {
    world.logs.logs.begin()->second.gap = world.clock.now() - began < 1s ? "journalctl was started" : "";
  };
  auto seen = run(perform({.place = {.what = "/app.log"}, .length = 30s}, world.outside, {}));
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_TRUE(seen->ok);
  EXPECT_EQ(world.clock.now() - began, 30900ms) << "what came before was not heard";
}

TEST(QuietProbe, ALogThatIsLostOnTheWayIsNotQuiet) {
  World world;
  auto began = world.clock.now();
  world.clock.slept = [&] {
    world.logs.logs.begin()->second.gap = world.clock.now() - began < 1s ? "" : "journalctl ended";
  };
  auto seen = run(perform({.place = {.what = "/app.log"}, .length = 30s}, world.outside, {}));
  ASSERT_FALSE(seen);
  EXPECT_EQ(world.clock.now() - began, 1s);
}

TEST(QuietProbe, ALogThatCannotBeReadIsNotQuiet) {
  World world;
  world.clock.slept = [&] { world.logs.logs.begin()->second.gap = "there is no file /app.log since 12:00"; };
  auto seen = run(perform({.place = {.what = "/app.log"}, .length = 3s}, world.outside, {}));
  ASSERT_FALSE(seen);
  EXPECT_THAT(seen.error().message, HasSubstr("there is no file"));
}

}  // namespace
}  // namespace davy::providers
