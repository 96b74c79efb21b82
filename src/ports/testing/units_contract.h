// What every Units keeps, the real one and the fake. Included by the tests of each.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>

#include "ports/units.h"

namespace davy::ports::testing {

// A world has: units(), run(task) -> Result<T>; wait(), for a moment; and units of the system's manager that are down:
// good() runs until it is stopped; bad() ends at once with 7, and is started again until systemd has enough of it;
// instance(), of the template for_all(), runs like good(), and can be enabled, which good() cannot; nobody() is none.
template <class World>
struct UnitsContract : ::testing::Test {
  static constexpr auto kManager = Manager::system;
  World world;
  UnitState look(const std::string& unit) {
    auto state = world.run(world.units().look(kManager, unit));
    EXPECT_TRUE(state) << state.error().message;
    return state.value_or(UnitState{});
  }
  Result<std::string> act(UnitAct act, const std::string& unit, Duration within = std::chrono::seconds(20)) {
    auto ends = world.run(world.units().act(kManager, act, {unit}, within));
    if (!ends) return std::unexpected(ends.error());
    EXPECT_EQ(ends->size(), 1u);
    return ends->front().result;
  }
  Result<> give(const std::string& unit, std::string note) {
    auto given = world.run(world.units().give(kManager, unit, {.note = std::move(note), .variables = {{"port", "1"}}}));
    return given ? world.run(world.units().reload(kManager)) : given;
  }
  std::vector<Given> given(const std::string& unit) {
    auto all = world.run(world.units().given(kManager, unit));
    EXPECT_TRUE(all) << all.error().message;
    return all.value_or(std::vector<Given>{});
  }
};
TYPED_TEST_SUITE_P(UnitsContract);

TYPED_TEST_P(UnitsContract, StartsAndStopsAndSaidTwiceItIsTheSame) {
  auto unit = this->world.good();
  EXPECT_EQ(this->look(unit).active, "inactive");
  EXPECT_EQ(this->look(unit).pid, 0);
  EXPECT_EQ(this->act(UnitAct::start, unit), "done");
  auto up = this->look(unit);
  EXPECT_EQ(up.active, "active");
  EXPECT_EQ(up.sub, "running");
  EXPECT_GT(up.pid, 0);
  EXPECT_EQ(up.restarts, 0);
  EXPECT_FALSE(up.invocation.empty());
  EXPECT_GT(up.since, Time{});
  EXPECT_EQ(this->act(UnitAct::start, unit), "done");
  EXPECT_EQ(this->look(unit).invocation, up.invocation);
  EXPECT_EQ(this->act(UnitAct::stop, unit), "done");
  EXPECT_EQ(this->look(unit).active, "inactive");
  EXPECT_EQ(this->act(UnitAct::stop, unit), "done");
}

TYPED_TEST_P(UnitsContract, ARestartIsAnotherLifeAndNoneOfItsRestarts) {
  auto unit = this->world.good();
  EXPECT_EQ(this->act(UnitAct::restart, unit), "done") << "one that is down is started";
  auto first = this->look(unit);
  EXPECT_EQ(this->act(UnitAct::restart, unit), "done");
  auto second = this->look(unit);
  EXPECT_NE(second.invocation, first.invocation);
  EXPECT_NE(second.pid, first.pid);
  EXPECT_EQ(second.restarts, 0);
}

TYPED_TEST_P(UnitsContract, OneThatEndsShowsHowAndCanBeForgotten) {
  auto unit = this->world.bad();
  ASSERT_TRUE(this->act(UnitAct::start, unit));
  for (int looks = 0; looks < 2000 && this->look(unit).active != "failed"; ++looks) this->world.wait();
  auto state = this->look(unit);
  EXPECT_EQ(state.active, "failed");
  EXPECT_EQ(state.result, "exit-code");
  EXPECT_EQ(state.ended, 1);
  EXPECT_EQ(state.status, 7);
  EXPECT_GT(state.restarts, 0);
  EXPECT_TRUE(this->world.run(this->world.units().reset_failed(this->kManager, unit)));
  EXPECT_EQ(this->look(unit).active, "inactive");
}

TYPED_TEST_P(UnitsContract, ThatThereIsNoSuchUnitIsAnAnswerAndNothingToStart) {
  auto unit = this->world.nobody();
  EXPECT_FALSE(this->look(unit).known());
  EXPECT_EQ(this->act(UnitAct::start, unit).error().code, Code::invalid);
  EXPECT_EQ(this->act(UnitAct::stop, unit), "done") << "it does not run";
}

TYPED_TEST_P(UnitsContract, WhatIsGivenIsLoadedAndTakenBack) {
  auto unit = this->world.instance();
  EXPECT_TRUE(this->given(unit).empty());
  ASSERT_TRUE(this->give(unit, "of shop@1"));
  ASSERT_TRUE(this->give(unit, "of shop@2")) << "the last one holds";
  auto given = this->given(unit);
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0].unit, unit);
  EXPECT_EQ(given[0].note, "of shop@2");
  auto of_all = this->given(this->world.for_all());
  ASSERT_EQ(of_all.size(), 1u) << "of the template, too";
  EXPECT_EQ(of_all[0].unit, unit);
  auto state = this->look(unit);
  EXPECT_EQ(std::ranges::count(state.drop_ins, given[0].drop_in), 1);
  EXPECT_EQ(std::ranges::count(state.environment_files, given[0].environment), 1);
  auto& units = this->world.units();
  EXPECT_TRUE(this->world.run(units.take_back(this->kManager, unit)));
  EXPECT_TRUE(this->world.run(units.take_back(this->kManager, unit)));
  EXPECT_TRUE(this->world.run(units.reload(this->kManager)));
  EXPECT_TRUE(this->given(unit).empty());
  EXPECT_TRUE(this->look(unit).environment_files.empty());
}

TYPED_TEST_P(UnitsContract, OfATemplateEachInstanceIsEnabledForItself) {
  auto unit = this->world.instance();
  auto& units = this->world.units();
  EXPECT_FALSE(this->look(unit).enabled());
  EXPECT_TRUE(this->world.run(units.enable(this->kManager, unit, true)));
  EXPECT_TRUE(this->world.run(units.enable(this->kManager, unit, true)));
  EXPECT_TRUE(this->look(unit).enabled());
  EXPECT_EQ(this->look(unit).active, "inactive") << "not now";
  EXPECT_TRUE(this->world.run(units.enable(this->kManager, unit, false)));
  EXPECT_TRUE(this->world.run(units.enable(this->kManager, unit, false)));
  EXPECT_FALSE(this->look(unit).enabled());
  EXPECT_TRUE(this->world.run(units.enable(this->kManager, this->world.good(), true))) << "which has no [Install]";
  EXPECT_FALSE(this->look(this->world.good()).enabled());
}

TYPED_TEST_P(UnitsContract, SeveralAreActedOnTogether) {
  auto ends = this->world.run(this->world.units().act(
      this->kManager, UnitAct::start, {this->world.good(), this->world.instance()}, std::chrono::seconds(20)));
  ASSERT_TRUE(ends) << ends.error().message;
  ASSERT_EQ(ends->size(), 2u);
  for (auto& one : *ends) EXPECT_TRUE(one.done()) << one.unit;
  EXPECT_EQ((*ends)[0].unit, this->world.good());
  EXPECT_EQ(this->look(this->world.instance()).active, "active");
}

REGISTER_TYPED_TEST_SUITE_P(UnitsContract, StartsAndStopsAndSaidTwiceItIsTheSame,
                            ARestartIsAnotherLifeAndNoneOfItsRestarts, OneThatEndsShowsHowAndCanBeForgotten,
                            ThatThereIsNoSuchUnitIsAnAnswerAndNothingToStart, WhatIsGivenIsLoadedAndTakenBack,
                            OfATemplateEachInstanceIsEnabledForItself, SeveralAreActedOnTogether);

}  // namespace davy::ports::testing
