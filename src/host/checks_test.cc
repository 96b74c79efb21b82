// A check whose condition must hold for some time, by the operator that a run carries it out with.
#include <gtest/gtest.h>

#include "engine/run/operators.h"
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

  ports::Done look(const std::string& expect) {
    world.process.answer = [this](auto&) { return ports::CommandEnd{.exit_code = ++looks == fails_at ? 1 : 0}; };
    engine::Surroundings around{.outside = world.outside, .registry = &registry};
    around.runbook.steps.resize(1);
    run::Attempt attempt{.id = 1, .step = 0};
    run::Call call{"probe", "command", "look",
                   spec::from_json({{"options", {{"command", "./is-well"}}}, {"expect", {expect}}})};
    return providers::testing::run(engine::probe_operator(around)->start(attempt, call));
  }
};

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

}  // namespace
}  // namespace davy::host
