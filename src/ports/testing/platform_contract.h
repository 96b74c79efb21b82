// What every Platform keeps, those of providers and the simulated one. Included by the tests of each.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>

#include "ports/platform.h"

namespace davy::ports::testing {

// A world has: platform(), run(task) -> Result<T>; one() and two(), releases of one service, of which nothing runs;
// who(release), the Asking of a new step; alive(release), how many instances of it really run; begun(), how many were
// ever started; kInstances, how many a release has; kSideBySide, whether two releases can run at once.
template <class World>
struct PlatformContract : ::testing::Test {
  World world;
  Result<std::vector<Endpoint>> start(const run::Release& r, int n = World::kInstances) {
    return world.run(world.platform().start(r, n, world.who(r)));
  }
  Result<> stop(const run::Release& r, int keep) { return world.run(world.platform().stop(r, keep, world.who(r))); }
  Result<> healthy(const run::Release& r) { return world.run(world.platform().healthy(r, world.who(r))); }
  long listed(const run::Release& r) {
    auto all = world.run(world.platform().instances(r, world.who(r)));
    EXPECT_TRUE(all) << all.error().message;
    return std::ranges::count_if(all.value_or(std::vector<Endpoint>{}),
                                 [&](auto& e) { return e.alive && e.release == r.id; });
  }
};
TYPED_TEST_SUITE_P(PlatformContract);

TYPED_TEST_P(PlatformContract, OfWhatWasNeverStartedNothingRuns) {
  EXPECT_EQ(this->listed(this->world.one()), 0);
  EXPECT_FALSE(this->healthy(this->world.one()));
  EXPECT_EQ(this->world.begun(), 0) << "a question starts nothing";
}

TYPED_TEST_P(PlatformContract, StartsSoManyAndSaysWhereTheyAre) {
  auto& w = this->world;
  auto up = this->start(w.one());
  ASSERT_TRUE(up) << up.error().message;
  EXPECT_EQ(w.alive(w.one()), w.kInstances);
  EXPECT_EQ(this->listed(w.one()), w.kInstances);
  EXPECT_TRUE(this->healthy(w.one()));
  std::set<int> indices;
  for (auto& e : *up)
    if (e.release == w.one().id) indices.insert(e.index);
  EXPECT_EQ(std::ssize(indices), w.kInstances);
}

TYPED_TEST_P(PlatformContract, SaidTwiceItDoesNothingMore) {
  auto& w = this->world;
  ASSERT_TRUE(this->start(w.one()));
  auto begun = w.begun();
  ASSERT_TRUE(this->start(w.one()));
  EXPECT_EQ(w.begun(), begun);
  EXPECT_EQ(w.alive(w.one()), w.kInstances);
}

TYPED_TEST_P(PlatformContract, StopsAllOfItOnceAndAgain) {
  auto& w = this->world;
  ASSERT_TRUE(this->start(w.one()));
  EXPECT_TRUE(this->stop(w.one(), 0));
  EXPECT_EQ(w.alive(w.one()), 0);
  EXPECT_TRUE(this->stop(w.one(), 0)) << "there is nothing left to stop";
  EXPECT_EQ(this->listed(w.one()), 0);
  EXPECT_FALSE(this->healthy(w.one()));
}

TYPED_TEST_P(PlatformContract, KeepsAsManyAsItIsTold) {
  auto& w = this->world;
  ASSERT_TRUE(this->start(w.one()));
  EXPECT_TRUE(this->stop(w.one(), 1));
  EXPECT_EQ(w.alive(w.one()), 1);
  ASSERT_TRUE(this->start(w.one()));
  EXPECT_EQ(w.alive(w.one()), w.kInstances);
}

TYPED_TEST_P(PlatformContract, TwoReleasesAtOnceDoNotTouchEachOther) {
  auto& w = this->world;
  if (!w.kSideBySide) GTEST_SKIP() << "one slot";
  ASSERT_TRUE(this->start(w.one()));
  ASSERT_TRUE(this->start(w.two()));
  EXPECT_EQ(this->listed(w.one()), w.kInstances);
  EXPECT_EQ(this->listed(w.two()), w.kInstances);
  EXPECT_TRUE(this->stop(w.two(), 0));
  EXPECT_EQ(w.alive(w.one()), w.kInstances);
  EXPECT_TRUE(this->healthy(w.one()));
  EXPECT_FALSE(this->healthy(w.two()));
}

REGISTER_TYPED_TEST_SUITE_P(PlatformContract, OfWhatWasNeverStartedNothingRuns, StartsSoManyAndSaysWhereTheyAre,
                            SaidTwiceItDoesNothingMore, StopsAllOfItOnceAndAgain, KeepsAsManyAsItIsTold,
                            TwoReleasesAtOnceDoNotTouchEachOther);

}  // namespace davy::ports::testing
