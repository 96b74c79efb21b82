#include "testing/one_service_testing.h"

namespace davy::testing {
namespace {

TEST(Operators, WhatAStepAskedForStaysAskedForWhateverTheRouterShows) {
  OneService world;
  auto first = world.find([](auto& s) { return s.call.of_shares(); });
  ASSERT_EQ(world.carry_out(first, run::Way::apply).outcome, run::Outcome::ok);
  for (auto& [address, server] : world.reality.servers)  // somebody gives the candidate half of the users by hand
    server.weight = 256;
  world.look_at_routers();
  EXPECT_NEAR(world.operators.asked().at("app@2~r"), .05, .005);
}

TEST(Operators, WhomNoStepGaveUsersHasNoneOnceItIsMadeKnown) {
  OneService world;
  world.reality.servers["app@2~r:0"] = {"app@2~r", 230, false};  // its address was somebody's before
  auto attach = world.find([](auto& s) { return s.call.operation == "attach"; });
  ASSERT_EQ(world.carry_out(attach, run::Way::apply).outcome, run::Outcome::ok);
  EXPECT_EQ(world.reality.share_of_candidate("app"), 0);
}

TEST(Operators, NobodyNewIsStartedWhereTheRouterDoesNotSayWhichAddressesAreTaken) {
  OneService world;
  world.reality.silent_until = world.reality.now + 1h;
  auto start = world.find([](auto& s) { return s.call.port == "platform" && s.call.operation == "start"; });
  EXPECT_EQ(world.carry_out(start, run::Way::apply).outcome, run::Outcome::failed);
  world.reality.all_die(false);
  auto stop = world.find([](auto& s) { return s.undo.call.port == "platform" && s.undo.call.operation == "start"; });
  EXPECT_EQ(world.carry_out(stop, run::Way::undo).outcome, run::Outcome::ok) << "the previous release is waited for";
}

TEST(Operators, AnOutageThatWasSeenIsNotWaitedForOnceMore) {
  OneService world;
  world.reality.all_die(false);
  world.reality.outage = true;
  auto took = [&](run::StepIx step) {
    auto began = world.reality.now;
    EXPECT_EQ(world.carry_out(step, run::Way::apply).outcome, run::Outcome::ok);
    return world.reality.now - began;
  };
  auto first = world.find([](auto& s) { return s.call.of_shares(); });
  EXPECT_GE(took(first), 2s) << "a health check that stumbles is no outage";
  EXPECT_LT(took(first), 1s);
  world.reality.now += 1h;
  EXPECT_GE(took(first), 2s) << "nobody has looked since";
}

TEST(Operators, APreviousReleaseThatIsGoneAtTheLastProofIsStartedOnceMore) {
  OneService world;
  auto proof = world.find([](auto& s) { return s.call.nothing() && s.undo.call.operation == "healthy"; });
  world.reality.all_die(false);
  EXPECT_EQ(world.carry_out(proof, run::Way::undo).outcome, run::Outcome::failed);  // it may come back by itself
  EXPECT_EQ(world.carry_out(proof, run::Way::undo, 2).outcome, run::Outcome::ok);
  EXPECT_TRUE(world.reality.well("app@1~q"));
}

}  // namespace
}  // namespace davy::testing
