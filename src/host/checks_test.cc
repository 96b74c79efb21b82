// A check whose condition must hold for some time, is asked again or warns, by the operator that a run carries it out
// with.
#include <gtest/gtest.h>

#include "engine/run/operators.h"
#include "judge/readings.h"
#include "providers/registry.h"
#include "providers/testing/world.h"
#include "spec/json.h"

namespace davy::host {
namespace {

using namespace providers::testing;

struct Check : ::testing::Test {
  World world;
  ports::Registry registry = providers::all_providers();
  int looks = 0, fails_at = 0;  // the look that finds exit 1; 0: none does

  ports::Done look(const std::string& expect, const spec::Json& more = spec::Json::object()) {
    world.process.answer = [this](auto&) { return ports::CommandEnd{.exit_code = ++looks == fails_at ? 1 : 0}; };
    return ask(expect, more);
  }
  // Fails until that look.
  ports::Done look_until(int well_at, const std::string& expect, const spec::Json& more) {
    world.process.answer = [this, well_at](auto&) { return ports::CommandEnd{.exit_code = ++looks < well_at ? 3 : 0}; };
    return ask(expect, more);
  }
  ports::Done ask(const std::string& expect, const spec::Json& more) {
    engine::Surroundings around{.outside = world.outside, .registry = &registry};
    around.runbook.steps.resize(1);
    auto now = world.clock.now();
    run::Attempt attempt{.id = 1, .step = 0, .started = now, .due = now + 10min};
    spec::Json args{{"options", {{"command", "./is-well"}}}, {"expect", {expect}}};
    args.update(more);
    run::Call call{"probe", "command", "look", spec::from_json(args)};
    return providers::testing::run(engine::probe_operator(around)->start(attempt, call));
  }
};

std::string state(const ports::Done& done) {
  auto check = done.evidence.find("check");
  return check ? spec::to_json(*check).value("state", "") : "";
}

TEST_F(Check, AConditionWithForHoldsForSoLongFromItsBeginning) {
  auto began = world.clock.now();
  EXPECT_EQ(look("exit = 0 for 4s").outcome, run::Outcome::ok);
  EXPECT_EQ(world.clock.now() - began, 4s);
  EXPECT_EQ(looks, 5);
}

TEST_F(Check, OneMissBreaksIt) {
  fails_at = 3;
  auto done = look("exit = 0 for 4s");
  EXPECT_EQ(done.outcome, run::Outcome::failed);
  EXPECT_EQ(looks, 3);
  EXPECT_TRUE(done.says.contains("exit")) << done.says;
}

TEST_F(Check, WithoutForOneLookIsEnough) {
  EXPECT_EQ(look("exit = 0").outcome, run::Outcome::ok);
  EXPECT_EQ(looks, 1);
}

TEST_F(Check, WhatIsDegradedIsMetAndSaysSo) {
  auto done = look("exit = 0", {{"degraded", {"exit = 0"}}});
  EXPECT_EQ(done.outcome, run::Outcome::ok);
  EXPECT_EQ(done.says, "degraded: exit is 0 (exit = 0)");
  EXPECT_EQ(state(done), "degraded");
  done = look("exit = 0", {{"degraded", {"exit = 1"}}});
  EXPECT_EQ(state(done), "") << done.says;
  done = look("exit = 1", {{"degraded", {"exit = 0"}}});
  EXPECT_EQ(done.outcome, run::Outcome::failed) << "what is not met is no warning";
  EXPECT_EQ(state(done), "failed");
}

TEST_F(Check, OneWarningWithinAStretchIsAWarning) {
  fails_at = 2;
  auto done = look("exit < 2 for 3s", {{"degraded", {"exit = 1"}}});
  EXPECT_EQ(done.outcome, run::Outcome::ok);
  EXPECT_EQ(state(done), "degraded");
  EXPECT_EQ(looks, 4);
}

TEST_F(Check, WithinItIsAskedAgainUntilItIsWell) {
  auto began = world.clock.now();
  EXPECT_EQ(look_until(4, "exit = 0", {{"within", "1m"}}).outcome, run::Outcome::ok);
  EXPECT_EQ(looks, 4);
  EXPECT_EQ(world.clock.now() - began, 3s);
}

TEST_F(Check, WithinOverTheLastFindingIsSaid) {
  auto done = look_until(100, "exit = 0", {{"within", "3s"}});
  EXPECT_EQ(done.outcome, run::Outcome::failed);
  EXPECT_EQ(done.says, "exit is 3, expected exit = 0 (asked 4 times in 3s)");
  EXPECT_EQ(state(done), "failed");
}

TEST_F(Check, WithinAStretchBeginsAnewAfterEachMiss) {
  fails_at = 3;
  EXPECT_EQ(look("exit = 0 for 4s", {{"within", "1m"}}).outcome, run::Outcome::ok);
  EXPECT_EQ(looks, 8) << "well at 0s and 1s, not at 2s, and from 3s to 7s";
}

TEST_F(Check, AStretchThatIsNotOverInTimeIsNotEnough) {
  auto done = look_until(4, "exit = 0 for 4s", {{"within", "5s"}});
  EXPECT_EQ(done.outcome, run::Outcome::failed);
  EXPECT_TRUE(done.says.starts_with("well for 2s only, expected 4s: ")) << done.says;
}

TEST_F(Check, WhatCannotBeAskedIsAskedAgainAndStaysUnknown) {
  world.http.answer = [this](auto&) -> Result<ports::HttpAnswer> {
    if (++looks < 3) return fail(Code::unavailable, "refused");
    return ports::HttpAnswer{.status = 200};
  };
  engine::Surroundings around{.outside = world.outside, .registry = &registry};
  around.runbook.steps.resize(1);
  auto asked = [&](Duration within) {
    looks = 0;
    auto now = world.clock.now();
    run::Call call{
        "probe", "http", "look",
        spec::from_json(
            {{"options", {{"http", "http://shop"}}}, {"expect", {"status = 200"}}, {"within", human(within)}})};
    return providers::testing::run(
        engine::probe_operator(around)->start({.id = 1, .step = 0, .started = now, .due = now + 10min}, call));
  };
  EXPECT_EQ(asked(10s).outcome, run::Outcome::ok);
  auto done = asked(1s);
  EXPECT_EQ(done.outcome, run::Outcome::failed);
  EXPECT_EQ(done.says, "refused (asked 2 times in 1s)");
  EXPECT_EQ(state(done), "") << "nobody knows how it is";
}

// Checks that are conditions on signals, with what the signals said.
struct ConditionCheck : Check {
  judge::Readings readings;
  spec::Condition errors = *spec::parse_condition("error_rate over 3m < 1%");
  run::Subject shop{"shop", {"3", "shop@3"}, {"2", "shop@2"}};
  std::map<std::string, engine::Routed> routed;

  ConditionCheck() { readings.keep(errors), world.outside.readings = &readings; }
  void minutes(int n, const std::string& release, std::uint64_t failed) {
    for (int i = 0; i < n; ++i, world.clock.time += 1min) {
      judge::Window w{.from = world.clock.time, .to = world.clock.time + 1min};
      w.releases[release].requests = 1000, w.releases[release].errors = failed;
      readings.see(w);
    }
  }
  ports::Done look(const spec::Json& more = spec::Json::object(), run::Way way = run::Way::apply) {
    engine::Surroundings around{.outside = world.outside, .registry = &registry};
    around.runbook.steps.resize(1);
    around.runbook.subjects = {shop};
    around.routed = routed;
    spec::Json args{{"options", spec::Json::object()}, {"expect", {errors.text}}};
    args.update(more);
    auto now = world.clock.now();
    run::Attempt attempt{.id = 1, .step = 0, .way = way, .started = now, .due = now + 10min};
    run::Call call{"probe", "condition", "look", spec::from_json(args)};
    return providers::testing::run(engine::probe_operator(around)->start(attempt, call));
  }
};

TEST_F(ConditionCheck, ReadsWhatServesUntilTheCandidateHasUsers) {
  minutes(3, "shop@2", 0);
  EXPECT_EQ(look().says, "error_rate is 0% over 3m");
  routed["shop"] = {ports::Served{.server = "a", .release = "shop@3", .weight = 10, .state = "ready", .up = true}};
  auto done = look();
  EXPECT_EQ(done.outcome, run::Outcome::failed) << "of the candidate nothing is known: " << done.says;
  EXPECT_EQ(state(done), "cannot tell");
  EXPECT_EQ(look(spec::Json::object(), run::Way::undo).outcome, run::Outcome::ok)
      << "on the way back it is the previous release";
}

TEST_F(ConditionCheck, SaysHowMuchOfItsTimeWasSeenAndWaitsWithin) {
  minutes(1, "shop@2", 0);
  auto done = look();
  EXPECT_EQ(done.outcome, run::Outcome::failed);
  EXPECT_EQ(done.says, "cannot tell: 1m of 3m seen");
  EXPECT_EQ(state(done), "cannot tell");
  world.clock.slept = [&] {
    judge::Window w{.from = world.clock.time - 1s, .to = world.clock.time};
    w.releases["shop@2"].requests = 10;
    readings.see(w);
  };
  EXPECT_EQ(look({{"within", "5m"}}).outcome, run::Outcome::ok);
}

TEST_F(ConditionCheck, OfWhatWasNeverReadIsWaitedForAWhile) {
  readings = {};
  auto health = *spec::parse_condition("health is up");
  readings.keep(health);
  auto began = world.clock.now();
  EXPECT_EQ(state(look({{"expect", {health.text}}})), "cannot tell");
  EXPECT_GE(world.clock.now() - began, 15s);
  world.clock.slept = [&] {
    judge::Window w{.from = world.clock.time - 1s, .to = world.clock.time};
    w.states["health"][""] = "up";
    readings.see(w);
  };
  EXPECT_EQ(look({{"expect", {health.text}}}).outcome, run::Outcome::ok);
}

TEST_F(ConditionCheck, FailsWarnsAndSaysWhatWasFound) {
  minutes(3, "shop@2", 20);
  auto done = look();
  EXPECT_EQ(done.says, "error_rate is 2% over 3m, expected error_rate over 3m < 1%");
  EXPECT_EQ(state(done), "failed");
  done = look({{"expect", spec::Json::array()}, {"degraded", {"error_rate over 3m > 1%"}}});
  EXPECT_EQ(done.outcome, run::Outcome::ok);
  EXPECT_EQ(done.says, "degraded: error_rate is 2% over 3m");
}

TEST_F(ConditionCheck, WhereNobodyReadsTheSignalsIsNoPass) {
  world.outside.readings = nullptr;
  EXPECT_EQ(state(look()), "cannot tell");
}

// What is drained answers with 503 meanwhile.
TEST(Drains, WaitForTheNumberWhateverTheStatus) {
  World world;
  auto registry = providers::all_providers();
  int open = 3;
  world.http.answer = [&](auto&) {
    return ports::HttpAnswer{.status = 503, .body = R"({"open": )" + std::to_string(open--) + "}"};
  };
  engine::Surroundings around{.outside = world.outside, .registry = &registry};
  around.runbook.steps.resize(1);
  around.runbook.setup.signals = {
      {"page", {"http", spec::from_json({{"http", "http://shop"}, {"json", "open"}})}, std::chrono::seconds(1)}};
  auto drained = [&](const char* until) {
    run::Call call{"drain", "", "", spec::from_json({{"until", until}, {"within", "1m"}, {"otherwise", "hold"}})};
    auto done = providers::testing::run(
        engine::drain_operator(around)->start({.id = 1, .step = 0, .started = world.clock.now()}, call));
    return done.outcome == run::Outcome::ok;
  };
  EXPECT_TRUE(drained("page < 1"));
  EXPECT_EQ(world.http.asked.size(), 4u);
  EXPECT_TRUE(drained("page.status = 503"));
}

// A signal that is no probe is asked as well, for what it says now: what rules read pauses in maintenance.
TEST(Drains, WaitForWhatAHealthPageSays) {
  World world;
  auto registry = providers::all_providers();
  int open = 3;
  world.http.answer = [&](auto&) {
    auto body = R"({"status": "healthy", "active": )" + std::to_string(open--) + R"(, "pool": {"busy": 0}})";
    return ports::HttpAnswer{.status = 200, .body = body};
  };
  engine::Surroundings around{.outside = world.outside, .registry = &registry};
  around.runbook.steps.resize(1);
  around.runbook.setup.signals = {
      {"page", {"health", spec::from_json({{"health", "http://shop"}})}, std::chrono::seconds(1)}};
  auto drain = [&](const char* until) {
    run::Call call{"drain", "", "", spec::from_json({{"until", until}, {"within", "1m"}, {"otherwise", "hold"}})};
    return providers::testing::run(
        engine::drain_operator(around)->start({.id = 1, .step = 0, .started = world.clock.now()}, call));
  };
  EXPECT_EQ(drain("page.active < 1").says, "drained");
  EXPECT_EQ(world.http.asked.size(), 4u);
  EXPECT_EQ(drain("page.pool.busy < 1").outcome, run::Outcome::ok);
  EXPECT_EQ(drain("page is healthy").outcome, run::Outcome::ok);
  auto never = drain("page.none < 1");
  EXPECT_EQ(never.outcome, run::Outcome::failed);
  EXPECT_THAT(never.says, testing::HasSubstr("not drained in time: `page`: saw no `none`"));
}

}  // namespace
}  // namespace davy::host
