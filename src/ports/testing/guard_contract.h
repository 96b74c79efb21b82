// What every Guard keeps, the keeper's and the simulated one. Included by the tests of each.
#pragma once
#include <gtest/gtest.h>

#include "ports/guard.h"

namespace davy::ports::testing {

// A world has: guard(), run(task) -> Result<T>; good(), a move that works now; broken(), one that nobody answers;
// pass_a_quarter_of_patience(); pass_patience(): nobody judges for longer than the guard is patient, and what it begins
// then is done; moved(): whether the good move was carried out since.
template <class World>
struct GuardContract : ::testing::Test {
  World world;
  Result<> arm(WayBack way) { return world.run(world.guard().arm(std::move(way))); }
  std::optional<Guard::Taken> taken() { return world.run(world.guard().taken()).value(); }
};
TYPED_TEST_SUITE_P(GuardContract);

TYPED_TEST_P(GuardContract, TakesWhatIsArmedAndTellsUntilItIsDisarmed) {
  auto& w = this->world;
  ASSERT_TRUE(this->arm({.moves = {w.good()}}));
  EXPECT_FALSE(this->taken());
  w.pass_patience();
  EXPECT_TRUE(w.moved());
  ASSERT_TRUE(this->taken());
  EXPECT_EQ(this->taken()->done, std::vector{w.good().what});
  EXPECT_TRUE(this->taken()->open.empty());
  EXPECT_TRUE(w.run(w.guard().disarm()));
  EXPECT_FALSE(this->taken());
}

TYPED_TEST_P(GuardContract, DoesNotArmWhatDoesNotWork) {
  auto& w = this->world;
  auto armed = this->arm({.moves = {w.good(), w.broken()}});
  ASSERT_FALSE(armed);
  EXPECT_TRUE(armed.error().message.starts_with(w.broken().what)) << armed.error().message;
  w.pass_patience();
  EXPECT_FALSE(w.moved());
}

TYPED_TEST_P(GuardContract, RefusesToBeArmedOrDisarmedBeforeItWasHeard) {
  auto& w = this->world;
  ASSERT_TRUE(this->arm({.moves = {w.good()}}));
  w.pass_patience();
  EXPECT_EQ(w.run(w.guard().disarm()).error().code, Code::conflict);
  EXPECT_EQ(this->arm({.moves = {w.good()}}).error().code, Code::conflict);
  ASSERT_TRUE(this->taken());
  EXPECT_TRUE(this->arm({.moves = {w.good()}}));
  EXPECT_FALSE(this->taken());
}

TYPED_TEST_P(GuardContract, ToBeArmedAnewIsNoSignOfLife) {
  auto& w = this->world;
  Result<> armed;
  for (int i = 0; i < 40 && (armed = this->arm({.moves = {w.good()}})); ++i) w.pass_a_quarter_of_patience();
  ASSERT_FALSE(armed);
  EXPECT_EQ(armed.error().code, Code::conflict);
  EXPECT_TRUE(w.moved());
}

TYPED_TEST_P(GuardContract, DoesNothingOnceDisarmed) {
  auto& w = this->world;
  ASSERT_TRUE(this->arm({.moves = {w.good()}}));
  ASSERT_TRUE(w.run(w.guard().disarm()));
  w.pass_patience();
  EXPECT_FALSE(w.moved());
}

REGISTER_TYPED_TEST_SUITE_P(GuardContract, TakesWhatIsArmedAndTellsUntilItIsDisarmed, DoesNotArmWhatDoesNotWork,
                            RefusesToBeArmedOrDisarmedBeforeItWasHeard, ToBeArmedAnewIsNoSignOfLife,
                            DoesNothingOnceDisarmed);

}  // namespace davy::ports::testing
