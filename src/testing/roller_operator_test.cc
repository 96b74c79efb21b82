// What a platform that replaces by itself must have shown until Davy believes that all is over.
#include <gmock/gmock.h>

#include <algorithm>

#include "testing/one_service_testing.h"

namespace davy::testing {
namespace {

using ::testing::HasSubstr;

// A pipeline that says what the test has written, a line for each second.
struct Scripted : ports::Platform, ports::Roller {
  using Looked = std::optional<ports::Replacing>;
  struct Second {
    Looked previous, candidate;
  };
  explicit Scripted(Reality& r, std::vector<Second> s) : reality(r), began(r.now), seconds(std::move(s)) {}
  Reality& reality;
  Time began;
  std::vector<Second> seconds;  // the last one for ever

  ports::Roller* roller() override { return this; }
  ports::Task<Looked> find(const run::Release& r, const ports::Asking&) override {
    auto at = std::min<std::size_t>(static_cast<std::size_t>((reality.now - began) / 1s), seconds.size() - 1);
    co_return reality.candidate(r.id) ? seconds[at].candidate : seconds[at].previous;
  }
  ports::Task<spec::Value> found(const ports::Asking&) override { co_return spec::Value{}; }
  ports::Task<> begin(const run::Release&, const ports::Asking&) override { co_return Result<>{}; }
  ports::Task<> back(const run::Release&, const spec::Value&, const ports::Asking&) override { co_return Result<>{}; }
  Duration known_within(const run::Release&) const override { return 10s; }
  ports::Task<std::vector<ports::Endpoint>> instances(const run::Release&, const ports::Asking&) override {
    co_return std::vector<ports::Endpoint>{};
  }
  ports::Task<std::vector<ports::Endpoint>> start(const run::Release&, int, const ports::Asking&) override {
    co_return std::vector<ports::Endpoint>{};
  }
  ports::Task<> stop(const run::Release&, int, const ports::Asking&) override { co_return Result<>{}; }
  ports::Task<> healthy(const run::Release&, const ports::Asking&) override { co_return Result<>{}; }
};

using RollState = ports::Replacing::State;
const Scripted::Looked kNothing;
ports::Replacing at(double share, RollState state) { return {state, Ratio{share}, ""}; }

struct Taken {
  run::Outcome outcome;
  std::string says;
  Duration after;
};
using Seconds = std::vector<Scripted::Second>;
Taken rolled(run::Way way, Seconds seconds) {
  OneService world("ship", [&](Life& life) { return std::make_unique<Scripted>(life.reality, std::move(seconds)); });
  auto ship = world.find([](auto& s) { return s.call.of_roller(); });
  auto began = world.reality.now;
  auto done = world.carry_out(ship, way);
  return {done.outcome, done.says, world.reality.now - began};
}

const auto kOk = run::Outcome::ok, kFailed = run::Outcome::failed;

TEST(Roller, IsDoneWhenAllUsersAreMovedTwiceInARow) {
  auto half = at(.5, RollState::running), all = at(1, RollState::done);
  EXPECT_EQ(rolled(run::Way::apply, {{at(1, RollState::done), kNothing}, {half, half}, {kNothing, all}}).outcome, kOk);
  auto lies = rolled(run::Way::apply, {{half, half}, {kNothing, all}, {half, half}, {half, half}, {kNothing, all}});
  EXPECT_EQ(lies.outcome, kOk);
  EXPECT_GE(lies.after, 5s) << "one look among others is none";
  auto never = rolled(run::Way::apply, {{at(.5, RollState::done), at(.5, RollState::done)}});
  EXPECT_NE(never.outcome, kOk) << "done at 50% is not done";
}

TEST(Roller, WhatIsNotKnownIsAwaitedAsLongAsItMayTakeAndAlsoLaterOn) {
  auto before = at(1, RollState::done), half = at(.5, RollState::running);
  auto gone = rolled(run::Way::apply, {{before, kNothing}});
  EXPECT_EQ(gone.outcome, kFailed);
  EXPECT_THAT(gone.says, HasSubstr("does not know of app 2"));
  EXPECT_GE(gone.after, 10s);
  Seconds blinks(30, {half, half});
  blinks[20] = {before, kNothing};
  blinks.push_back({kNothing, at(1, RollState::done)});
  EXPECT_EQ(rolled(run::Way::apply, blinks).outcome, kOk);
}

TEST(Roller, HomeIsNoMatterOfOneLookNorOfOneThatComesTooSoon) {
  auto home = at(1, RollState::done), half = at(.5, RollState::running);
  auto known = rolled(run::Way::undo, {{half, half}, {home, kNothing}});
  EXPECT_EQ(known.outcome, kOk);
  EXPECT_LT(known.after, 5s) << "the candidate was seen, and is given up";
  auto too_soon = rolled(run::Way::undo, {{home, kNothing}});
  EXPECT_EQ(too_soon.outcome, kOk);
  EXPECT_GE(too_soon.after, 10s) << "what was told a moment ago may come yet";
  auto comes = rolled(run::Way::undo, {{home, kNothing}, {home, kNothing}, {home, at(0, RollState::running)}});
  EXPECT_EQ(comes.outcome, kFailed);
  EXPECT_THAT(comes.says, HasSubstr("goes on with app 2"));
  EXPECT_NE(rolled(run::Way::undo, {{at(.5, RollState::done), at(.5, RollState::failed)}}).outcome, kOk);
}

}  // namespace
}  // namespace davy::testing
