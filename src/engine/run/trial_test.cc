#include "engine/run/trial.h"

#include <gtest/gtest.h>

namespace davy::engine {
namespace {

using namespace std::chrono_literals;

struct TrialTest : testing::Test {
  TrialTest() {
    run::Step traffic{.path = "traffic", .subject = 0, .effect = run::Effect::exposes};
    traffic.call = {"router", "", "shift", {}};
    state.carry_out({.subjects = {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}, .steps = {traffic}});
    state.steps.resize(1);
    state.steps[0].tainted = state.steps[0].applied = true;
    state.tried_again = now, state.trial = 30s;
  }
  std::optional<run::Tried> pass(Duration length, std::uint64_t requests, bool complete = true) {
    judge::Window w{.from = now, .to = now + length, .complete = complete};
    w.releases["shop@2"].requests = requests;
    w.releases["shop@1"].requests = 100;
    now = w.to;
    return trial.see(w, state);
  }
  run::State state;
  Time now{};
  Trial trial;
};

TEST_F(TrialTest, IsOverWhenTheCandidateWasWatchedWithUsersForSoLong) {
  EXPECT_FALSE(pass(29s, 1));
  auto over = pass(1s, 0);
  ASSERT_TRUE(over);
  EXPECT_TRUE(over->met);
  EXPECT_FALSE(pass(1s, 1)) << "told once";
}

TEST_F(TrialTest, TimeInWhichNobodyReadIsNone) {
  EXPECT_FALSE(pass(1h, 0, false));
  EXPECT_FALSE(pass(29s, 5));
}

TEST_F(TrialTest, WaitsForARequestAndAsksPeopleWhenNoneComes) {
  EXPECT_FALSE(pass(60s, 0)) << "nothing was shown";
  auto over = pass(9min, 0);
  ASSERT_TRUE(over);
  EXPECT_FALSE(over->met);
}

TEST_F(TrialTest, ARunThatIsHeldIsAskedOnceItGoesOnAndMayBeClearedMeanwhile) {
  state.mode = run::Mode::held;
  EXPECT_FALSE(pass(1h, 0));
  state.mode = run::Mode::forward;
  auto over = pass(1s, 0);
  ASSERT_TRUE(over) << "else it would wait for ever";
  EXPECT_FALSE(over->met);
  state.tried_again = now, state.mode = run::Mode::held;
  EXPECT_FALSE(pass(1h, 0));
  over = pass(1s, 1);
  ASSERT_TRUE(over);
  EXPECT_TRUE(over->met);
}

TEST_F(TrialTest, BeginsAnewWithTheNextOne) {
  EXPECT_FALSE(pass(29s, 1));
  state.tried_again = now;
  EXPECT_FALSE(pass(29s, 1));
  EXPECT_TRUE(pass(1s, 0));
}

}  // namespace
}  // namespace davy::engine
