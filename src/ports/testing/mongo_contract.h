// What every Mongo keeps, the real one and the fake. Included by the tests of each.
#pragma once
#include <gtest/gtest.h>

#include "ports/mongo.h"

namespace davy::ports::testing {

// A world has: mongo(), run(task) -> Result<T>; here(), the URL of one that knows `ping` and nothing else; away(), that
// of one that is not there.
template <class World>
struct MongoContract : ::testing::Test {
  World world;
  Result<std::string> ask(std::string url, std::string command) {
    return world.run(world.mongo().ask({.url = std::move(url), .command = std::move(command)}));
  }
};
TYPED_TEST_SUITE_P(MongoContract);

TYPED_TEST_P(MongoContract, AnswersWithADocument) {
  auto answer = this->ask(this->world.here(), R"({"ping":1})");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->starts_with('{') && answer->contains("\"ok\"")) << *answer;
}

TYPED_TEST_P(MongoContract, WhatTheServerRefusesIsAnError) {
  auto answer = this->ask(this->world.here(), R"({"dance":1})");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::invalid);
  EXPECT_TRUE(answer.error().message.contains("CommandNotFound")) << answer.error().message;
}

TYPED_TEST_P(MongoContract, WhatIsNoCommandIsNotSent) {
  for (auto wrong : {"", "{", "{}", "[]", "ping"})
    EXPECT_EQ(this->ask(this->world.here(), wrong).error().code, Code::invalid) << wrong;
}

TYPED_TEST_P(MongoContract, WhoIsNotThereIsUnavailable) {
  EXPECT_EQ(this->ask(this->world.away(), R"({"ping":1})").error().code, Code::unavailable);
}

REGISTER_TYPED_TEST_SUITE_P(MongoContract, AnswersWithADocument, WhatTheServerRefusesIsAnError,
                            WhatIsNoCommandIsNotSent, WhoIsNotThereIsUnavailable);

}  // namespace davy::ports::testing
