// What every Router keeps, those of providers and the simulated one. Included by the tests of each.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "ports/router.h"

namespace davy::ports::testing {

// A world has: router(), run(task) -> Result<T>; one and two, names of releases whose instances are up, and both(),
// these; one has all users, two is known to the router and has none; who(), the Asking of a new step; shares(), where
// users really are (0 to 1); down(release), all of that release's instances die, and kLooksAfterHealth, whether the
// router can know.
template <class World>
struct RouterContract : ::testing::Test {
  World world;
  static constexpr double kWithin = 0.011;  // of a share: routers count in 256ths, or in per cent

  Result<> shift(const std::string& to, double share, const std::string& rest) {
    return world.run(world.router().shift(to, Ratio{share}, rest, world.both(), world.who()));
  }
  std::vector<Served> read() {
    auto all = world.run(world.router().read(world.both(), world.who()));
    EXPECT_TRUE(all) << all.error().message;
    return all.value_or(std::vector<Served>{});
  }
  std::vector<Endpoint> of(const std::string& release) {
    auto out = world.both();
    std::erase_if(out, [&](auto& e) { return e.release != release; });
    return out;
  }
  void expect(double one, double two) {
    auto is = world.shares();
    EXPECT_NEAR(is[world.one], one, kWithin);
    EXPECT_NEAR(is[world.two], two, kWithin);
    std::map<std::string, double> said;
    double all = 0;
    for (auto& s : read())
      if (s.state != "maint") said[s.release] += s.weight, all += s.weight;
    EXPECT_NEAR(said[world.one] / all, one, kWithin) << "as it is said";
    EXPECT_NEAR(said[world.two] / all, two, kWithin) << "as it is said";
  }
};
TYPED_TEST_SUITE_P(RouterContract);

TYPED_TEST_P(RouterContract, AQuestionMovesNobody) {
  auto& w = this->world;
  this->expect(1, 0);
  EXPECT_TRUE(w.run(w.router().sessions(w.both(), w.who())));
  EXPECT_TRUE(w.run(w.router().way_back({"1", w.one}, w.both(), w.who())));
  this->expect(1, 0);
}

TYPED_TEST_P(RouterContract, GivesTheShareThatIsAskedForHoweverOften) {
  auto& w = this->world;
  for (double share : {.05, .25, .25, .5, 1.}) {
    auto went = this->shift(w.two, share, w.one);
    ASSERT_TRUE(went) << went.error().message;
    this->expect(1 - share, share);
  }
}

TYPED_TEST_P(RouterContract, ToBeMadeKnownOnceMoreTakesNobodyAway) {
  auto& w = this->world;
  ASSERT_TRUE(this->shift(w.two, .25, w.one));
  ASSERT_TRUE(w.run(w.router().attach(w.both(), w.who())));
  this->expect(.75, .25);
}

TYPED_TEST_P(RouterContract, RestoresWhatWasFoundWhateverIsThereNow) {
  auto& w = this->world;
  auto found = this->read();
  for (double share : {.05, 1.}) {
    ASSERT_TRUE(this->shift(w.two, share, w.one));
    ASSERT_TRUE(w.run(w.router().restore(found, w.both(), std::chrono::seconds(1), w.who())));
    this->expect(1, 0);
  }
  ASSERT_TRUE(w.run(w.router().restore(found, w.both(), std::chrono::seconds(1), w.who()))) << "and once more";
  this->expect(1, 0);
}

TYPED_TEST_P(RouterContract, GivesNobodyToWhoIsDown) {
  auto& w = this->world;
  if (!w.kLooksAfterHealth) GTEST_SKIP() << "it cannot know";
  w.down(w.two);
  auto went = this->shift(w.two, .25, w.one);
  ASSERT_FALSE(went);
  EXPECT_EQ(went.error().code, Code::refused);
  this->expect(1, 0);
}

TYPED_TEST_P(RouterContract, TakesAReleaseAwayAndLeavesTheOtherItsUsers) {
  auto& w = this->world;
  ASSERT_TRUE(this->shift(w.two, 1, w.one));
  EXPECT_TRUE(w.run(w.router().drain(this->of(w.one), std::chrono::seconds(5), w.who())));
  EXPECT_TRUE(w.run(w.router().detach(this->of(w.one), w.who())));
  this->expect(0, 1);
  EXPECT_TRUE(w.run(w.router().detach(this->of(w.one), w.who()))) << "it is gone already";
  this->expect(0, 1);
}

TYPED_TEST_P(RouterContract, ItsWayBackIsToldWithAProof) {
  auto& w = this->world;
  auto way = w.run(w.router().way_back({"1", w.one}, w.both(), w.who()));
  ASSERT_TRUE(way) << way.error().message;
  ASSERT_FALSE(way->empty());
  for (auto& move : *way) {
    EXPECT_FALSE(move.acts.empty());
    EXPECT_FALSE(move.expect.empty()) << "what was not looked at is not known to have moved anybody";
  }
}

REGISTER_TYPED_TEST_SUITE_P(RouterContract, AQuestionMovesNobody, GivesTheShareThatIsAskedForHoweverOften,
                            ToBeMadeKnownOnceMoreTakesNobodyAway, RestoresWhatWasFoundWhateverIsThereNow,
                            GivesNobodyToWhoIsDown, TakesAReleaseAwayAndLeavesTheOtherItsUsers,
                            ItsWayBackIsToldWithAProof);

}  // namespace davy::ports::testing
