#include "providers/probe/deployed.h"

#include <gmock/gmock.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::HasSubstr;

struct FakePast : ports::Past {
  std::map<std::string, ports::Deployment> there;  // by "service in environment"
  ports::Task<std::optional<ports::Deployment>> deployed(std::string service, std::string environment) override {
    auto found = there.find(service + " in " + environment);
    co_return found == there.end() ? std::optional<ports::Deployment>() : found->second;
  }
  ports::Task<std::optional<ports::Told>> notified(std::string, std::string, std::string, std::string) override {
    co_return std::nullopt;
  }
  ports::Task<std::string> frozen(std::string, Time) override { co_return ""; }
  std::string where() const override { return "/var/lib/davy"; }
};

struct Deployed : ::testing::Test {
  World world;
  FakePast past;
  ports::Asking who{.variables = {{"version", "4"}}, .services = {{"api", {}}, {"web", {}}}};

  Deployed() { world.outside.past = &past; }
  Result<ports::Observation> look(DeployedProbe o = {.environment = "staging"}) {
    return testing::run(perform(std::move(o), world.outside, who));
  }
  void shipped(const char* service, const char* version, Duration ago) {
    past.there[std::string(service) + " in staging"] = {"r1", version, world.outside.clock.now() - ago};
  }
};

TEST_F(Deployed, IsWellWhereEachServiceHasThisVersionAndTellsTheYoungest) {
  shipped("api", "4", 48h), shipped("web", "4", 2h);
  auto seen = look();
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_TRUE(seen->ok);
  EXPECT_NEAR(seen->numbers["age"], 7200, 60);
  EXPECT_THAT(seen->says, HasSubstr("by the record run r1 shipped web 4 to staging 2h ago"));
}

TEST_F(Deployed, AnotherVersionIsNoPass) {
  shipped("api", "3", 48h), shipped("web", "4", 2h);
  auto seen = look();
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->ok);
  EXPECT_EQ(seen->words["value"], "3");
  EXPECT_TRUE(look({.environment = "staging", .service = "web"})->ok);
}

TEST_F(Deployed, WhatIsNotOnRecordCannotBeTold) {
  shipped("api", "4", 48h);
  auto seen = look();
  ASSERT_FALSE(seen);
  EXPECT_THAT(seen.error().message, HasSubstr("no deployment of web to staging is on record in /var/lib/davy"));
  world.outside.past = nullptr;
  EXPECT_FALSE(look());
  EXPECT_FALSE(look({.environment = "staging", .service = "nobody"}));
}

}  // namespace
}  // namespace davy::providers
