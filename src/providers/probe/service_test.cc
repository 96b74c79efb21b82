#include "providers/probe/service.h"

#include <gtest/gtest.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;

ports::ServiceState state(std::vector<bool> alive) {
  ports::ServiceState out{.release = "shop@3"};
  for (int i = 0; bool lives : alive)
    out.instances.push_back({"shop@3", i++, "127.0.0.1:1", lives, lives ? "pid 7" : "exit 3"});
  return out;
}

TEST(ServiceProbe, IsWellWhereSomebodyRunsAndAllAreHealthy) {
  auto seen = observed({"shop"}, state({true, true}));
  EXPECT_TRUE(seen.ok);
  EXPECT_EQ(seen.says, "shop@3: 2 of 2 up");
  EXPECT_EQ(seen.words["value"], "healthy");
}

TEST(ServiceProbe, NamesWhoIsNotWell) {
  auto seen = observed({"shop"}, state({true, false}));
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.says, "shop@3: 1 of 2 up; instance 1: exit 3");
  EXPECT_EQ(seen.numbers["up"], 1);
  auto sick = state({true});
  sick.healthy = fail(Code::unavailable, "instance 0 answers 503");
  seen = observed({"shop"}, sick);
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.words["value"], "unhealthy");
  EXPECT_EQ(seen.says, "shop@3: 1 of 1 up; instance 0 answers 503");
}

TEST(ServiceProbe, NobodyIsNoPass) {
  auto seen = observed({"shop"}, state({}));
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.says, "nobody of shop runs");
  EXPECT_EQ(seen.words["value"], "down");
  World world;
  EXPECT_FALSE(testing::run(perform({"shop"}, world.outside, {}))) << "nor is it where nobody can look";
}

}  // namespace
}  // namespace davy::providers
