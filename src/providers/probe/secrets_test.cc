#include "providers/probe/secrets.h"

#include <gtest/gtest.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;

struct FakeSecrets : ports::SecretLook {
  std::map<std::string, std::string> values;
  Result<ports::SecretState> look(const SecretRef& s, const std::vector<std::string>& lacks) override {
    auto found = values.find(s.name);
    if (found == values.end()) return ports::SecretState{};
    return ports::SecretState{true, found->second.empty(), std::ranges::find(lacks, found->second) != lacks.end()};
  }
  std::string masked(const std::string& text) override { return text; }
};

struct SecretsProbes : ::testing::Test {
  World world;
  FakeSecrets secrets;
  ports::Asking who{.secrets = {{"JWT", {"JWT"}}, {"KEY", {"KEY"}}, {"URL", {"URL"}}}};

  Result<ports::Observation> look(SecretsProbe o) {
    world.outside.secrets = &secrets;
    return testing::run(perform(std::move(o), world.outside, who));
  }
};

TEST_F(SecretsProbes, AreWellWhereAllAreSet) {
  secrets.values = {{"JWT", "a"}, {"KEY", "b"}, {"URL", "c"}};
  auto seen = look({.names = {"all"}});
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->ok);
  EXPECT_EQ(seen->says, "3 secrets are set");
}

TEST_F(SecretsProbes, SayWhatIsWrongAndNoValue) {
  secrets.values = {{"JWT", "hunter2"}, {"KEY", ""}};
  auto seen = look({.names = {"JWT", "KEY", "URL"}, .lacks = {"hunter2"}});
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->ok);
  EXPECT_EQ(seen->says, "JWT has a default value; KEY is empty; URL is not set");
  EXPECT_EQ(seen->numbers["missing"] + seen->numbers["empty"] + seen->numbers["default"], 3);
  EXPECT_FALSE(spec::to_json(seen->evidence).dump().contains("hunter2"));
}

TEST_F(SecretsProbes, OneThatThePlanDoesNotHaveIsAMistake) {
  auto seen = look({.names = {"OTHER"}});
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, Code::invalid);
}

TEST_F(SecretsProbes, WhereNobodyCanLookIsNoPass) {
  EXPECT_FALSE(testing::run(perform(SecretsProbe{.names = {"all"}}, world.outside, who)));
}

}  // namespace
}  // namespace davy::providers
