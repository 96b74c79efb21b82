#include "providers/probe/notified.h"

#include <gmock/gmock.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;

struct FakePast : ports::Past {
  std::optional<ports::Told> told;
  std::string asked;
  ports::Task<std::optional<ports::Deployment>> deployed(std::string, std::string) override { co_return std::nullopt; }
  ports::Task<std::optional<ports::Told>> notified(std::string name, std::string service, std::string environment,
                                                   std::string version) override {
    asked = name + " of " + service + " " + version + " in " + environment;
    co_return told;
  }
  ports::Task<std::string> frozen(std::string, Time) override { co_return ""; }
  std::string where() const override { return "here"; }
};

TEST(NotifiedProbe, IsWellWhereItReachedAllWhomItIsFor) {
  World world;
  FakePast past;
  world.outside.past = &past;
  ports::Asking who{.variables = {{"version", "4"}, {"environment", "staging"}}, .services = {{"web", {}}}};
  auto look = [&](const char* name) { return *testing::run(perform({name}, world.outside, who)); };
  EXPECT_EQ(look("announcement").says, "announcement was never told");
  EXPECT_FALSE(look("announcement").ok);
  EXPECT_EQ(past.asked, "announcement of web 4 in staging");
  past.told = {.at = world.outside.clock.now() - 2h, .to = 2, .reached = 1};
  EXPECT_FALSE(look("announcement").ok) << "one did not get it";
  past.told->reached = 2;
  EXPECT_TRUE(look("page").ok);
  EXPECT_NEAR(look("page").numbers["age"], 7200, 60);
  past.told->to = past.told->reached = 0;
  EXPECT_FALSE(look("page").ok) << "told to nobody";
}

}  // namespace
}  // namespace davy::providers
