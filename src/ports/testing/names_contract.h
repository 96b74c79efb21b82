// What every Names keeps, the real one and the fake. Included by the tests of each.
#pragma once
#include <gtest/gtest.h>

#include "ports/names.h"

namespace davy::ports::testing {

// A world has: names(), run(task) -> Result<T>; server(), which knows shop.example with the addresses 192.0.2.1 and
// 192.0.2.2 and two mail servers, mx1 and mx2, and nothing else; silent(), a server that never answers.
template <class World>
struct NamesContract : ::testing::Test {
  World world;
  Result<DnsAnswer> ask(std::string name, DnsType type) {
    return world.run(world.names().ask({.name = std::move(name), .type = type, .server = world.server()}));
  }
};
TYPED_TEST_SUITE_P(NamesContract);

TYPED_TEST_P(NamesContract, GivesAllRecordsOfATypeSorted) {
  auto seen = this->ask("shop.example", DnsType::a);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_TRUE(seen->exists);
  EXPECT_EQ(seen->values, (std::vector<std::string>{"192.0.2.1", "192.0.2.2"}));
  EXPECT_EQ(seen->lives, std::chrono::minutes(5));
  EXPECT_EQ(this->ask("shop.example", DnsType::mx)->values,
            (std::vector<std::string>{"10 mx1.shop.example", "20 mx2.shop.example"}));
}

TYPED_TEST_P(NamesContract, ANameWithoutSuchARecordIsThere) {
  auto seen = this->ask("shop.example", DnsType::txt);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_TRUE(seen->exists);
  EXPECT_TRUE(seen->values.empty());
}

TYPED_TEST_P(NamesContract, NoSuchNameIsAnAnswerAndSilenceIsNone) {
  auto& w = this->world;
  auto seen = this->ask("nobody.example", DnsType::a);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_FALSE(seen->exists);
  auto silent =
      w.run(w.names().ask({.name = "shop.example", .server = w.silent(), .timeout = std::chrono::milliseconds(100)}));
  EXPECT_EQ(silent.error().code, Code::timed_out);
}

TYPED_TEST_P(NamesContract, WhatIsNoNameIsNotAsked) {
  EXPECT_EQ(this->ask("", DnsType::a).error().code, Code::invalid);
  EXPECT_EQ(this->ask("a..b", DnsType::a).error().code, Code::invalid);
}

REGISTER_TYPED_TEST_SUITE_P(NamesContract, GivesAllRecordsOfATypeSorted, ANameWithoutSuchARecordIsThere,
                            NoSuchNameIsAnAnswerAndSilenceIsNone, WhatIsNoNameIsNotAsked);

}  // namespace davy::ports::testing
