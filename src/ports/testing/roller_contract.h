// What every Roller keeps, those of providers and the simulated one. Included by the tests of each.
#pragma once
#include <gtest/gtest.h>

#include <map>

#include "ports/platform.h"

namespace davy::ports::testing {

// A world has: platform(), one with a roller, that knows nothing but what it looks up (as after a crash); run(task) ->
// Result<T>; one() and two(), releases of one service, of which one() has all users; who(release), the Asking of a new
// step; share(r), what it really has; begun(), how many replacements ever began; half(), end(): until half or all of
// what goes on is done; fail(), from now on nothing that begins comes to a good end.
template <class World>
struct RollerContract : ::testing::Test {
  using State = Replacing::State;
  World world;
  Roller& roller() { return *world.platform().roller(); }
  // By version, whatever the platform calls it.
  std::map<std::string, double> serves() {
    auto seen = world.run(world.platform().serves(world.two(), world.who(world.two())));
    EXPECT_TRUE(seen) << seen.error().message;
    std::map<std::string, double> out;
    for (auto& one : seen.value_or(std::vector<Share>{})) {
      auto is = [&](const run::Release& r) { return one.name == r.id || one.name == r.version; };
      out[is(world.one()) ? "one" : is(world.two()) ? "two" : one.name] += one.of.value;
    }
    return out;
  }
  Result<> begin(const run::Release& r) { return world.run(roller().begin(r, world.who(r))); }
  Result<> back(const spec::Value& found) {
    return world.run(roller().back(world.one(), found, world.who(world.one())));
  }
  spec::Value found() {
    auto out = world.run(roller().found(world.who(world.two())));
    EXPECT_TRUE(out) << out.error().message;
    return out.value_or(spec::Value{});
  }
  std::optional<Replacing> look(const run::Release& r) {
    auto out = world.run(roller().find(r, world.who(r)));
    EXPECT_TRUE(out) << out.error().message;
    return out.value_or(std::nullopt);
  }
};
TYPED_TEST_SUITE_P(RollerContract);

TYPED_TEST_P(RollerContract, OfWhatWasNeverBegunItKnowsNothing) {
  auto& w = this->world;
  EXPECT_FALSE(this->look(w.two()));
  this->found();
  EXPECT_EQ(w.begun(), 0) << "a question begins nothing";
  EXPECT_EQ(w.share(w.one()), 1);
}

TYPED_TEST_P(RollerContract, IsFollowedToItsEnd) {
  auto& w = this->world;
  ASSERT_TRUE(this->begin(w.two()));
  w.half();
  auto half = this->look(w.two());
  ASSERT_TRUE(half);
  EXPECT_EQ(half->state, TestFixture::State::running);
  EXPECT_GT(half->moved.value, 0);
  EXPECT_LT(half->moved.value, 1);
  w.end();
  auto whole = this->look(w.two());
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->state, TestFixture::State::done);
  EXPECT_EQ(whole->moved.value, 1);
  EXPECT_EQ(w.share(w.two()), 1);
}

TYPED_TEST_P(RollerContract, SaidTwiceItBeginsOnce) {
  auto& w = this->world;
  ASSERT_TRUE(this->begin(w.two()));
  w.half();
  ASSERT_TRUE(this->begin(w.two()));
  EXPECT_EQ(w.begun(), 1);
  w.end();
  EXPECT_EQ(w.share(w.two()), 1);
}

TYPED_TEST_P(RollerContract, HalfWayItGoesBackToWhatWasFound) {
  auto& w = this->world;
  auto before = this->found();
  ASSERT_TRUE(this->begin(w.two()));
  w.half();
  ASSERT_TRUE(this->back(before));
  w.end();
  EXPECT_EQ(w.share(w.one()), 1);
  auto home = this->look(w.one());
  ASSERT_TRUE(home);
  EXPECT_EQ(home->state, TestFixture::State::done);
  auto given_up = this->look(w.two());
  EXPECT_FALSE(given_up && given_up->state == TestFixture::State::done);
}

TYPED_TEST_P(RollerContract, OnceItIsDoneItGoesBackAgainAndAgain) {
  auto& w = this->world;
  auto before = this->found();
  ASSERT_TRUE(this->begin(w.two()));
  w.end();
  ASSERT_TRUE(this->back(before));
  ASSERT_TRUE(this->back(before));
  w.end();
  EXPECT_EQ(w.share(w.one()), 1);
  EXPECT_EQ(w.share(w.two()), 0);
}

TYPED_TEST_P(RollerContract, SaysThatItFailed) {
  auto& w = this->world;
  w.fail();
  ASSERT_TRUE(this->begin(w.two()));
  w.end();
  auto failed = this->look(w.two());
  ASSERT_TRUE(failed);
  EXPECT_TRUE(failed->state == TestFixture::State::failed || failed->state == TestFixture::State::stuck);
  EXPECT_LT(failed->moved.value, 1);
}

TYPED_TEST_P(RollerContract, TellsWhoHasUsersAtEachMoment) {
  using Shares = std::map<std::string, double>;
  auto& w = this->world;
  EXPECT_EQ(this->serves(), (Shares{{"one", 1}}));
  EXPECT_EQ(w.begun(), 0) << "a question begins nothing";
  ASSERT_TRUE(this->begin(w.two()));
  w.half();
  auto half = this->serves();
  EXPECT_GT(half["one"], 0);
  EXPECT_GT(half["two"], 0);
  w.end();
  EXPECT_EQ(this->serves(), (Shares{{"two", 1}}));
}

REGISTER_TYPED_TEST_SUITE_P(RollerContract, OfWhatWasNeverBegunItKnowsNothing, IsFollowedToItsEnd,
                            SaidTwiceItBeginsOnce, HalfWayItGoesBackToWhatWasFound, OnceItIsDoneItGoesBackAgainAndAgain,
                            SaysThatItFailed, TellsWhoHasUsersAtEachMoment);

}  // namespace davy::ports::testing
