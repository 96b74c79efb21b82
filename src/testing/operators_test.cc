// Operators by themselves in the simulated world: no run loop, no keeper, one call after the other.
#include "engine/run/operators.h"

#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>

#include "testing/books.h"
#include "testing/sim_ports.h"

namespace davy::testing {
namespace {

using namespace std::chrono_literals;

struct OneService {
  run::Runbook book = book_of({.strategy = "canary"});
  Reality reality{1};
  Life life{reality};
  SimClock clock{life};
  SimProcess process{life};
  SimFiles files{reality};
  NoInstances instances;
  NoHttp http;
  NoDialer dialer;
  ports::Registry registry;
  engine::Operators operators{around()};

  engine::Surroundings around() {
    reality.services = {"app"};
    for (int i = 0; i < kInstances; ++i) {
      for (auto* release : {"app@1~q", "app@2~r"}) reality.instances[release][i] = {true, true, ""};
      reality.servers["app@1~q:" + std::to_string(i)] = {"app@1~q", 256, false};
    }
    reality.proven = {"app@1~q", "app@2~r"};
    engine::Surroundings out{.outside = {clock, process, instances, http, dialer, files},
                             .registry = &registry,
                             .run = "r",
                             .runbook = book};
    out.services["app"].platform = std::make_unique<SimPlatform>(life);
    out.services["app"].router = std::make_unique<SimRouter>(life, "app");
    return out;
  }

  run::StepIx find(auto meant) const {
    for (run::StepIx i = 0; i < std::ssize(book.steps); ++i)
      if (meant(book.steps[static_cast<std::size_t>(i)])) return i;
    return run::kNone;
  }
  ports::Done carry_out(run::StepIx step, run::Way way, int number = 1) {
    auto& s = book.steps.at(static_cast<std::size_t>(step));
    run::Attempt a{.id = ++last_, .step = step, .way = way, .number = number};
    a.started = reality.now, a.due = reality.now + s.timeout;
    auto& call = way == run::Way::undo ? s.undo.call : s.call;
    std::optional<ports::Done> out;
    asio::co_spawn(life.executor(), operators.resolve(call)->start(a, call),
                   [&](std::exception_ptr, ports::Done d) { out = std::move(d); });
    life.run([&] { return out.has_value(); });
    return *out;
  }
  void look_at_routers() {
    bool looked = false;
    asio::co_spawn(life.executor(), operators.refresh(), [&](std::exception_ptr, Result<>) { looked = true; });
    life.run([&] { return looked; });
  }

 private:
  run::AttemptId last_ = 0;
};

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
