// What every Mail keeps, the one over SMTP and the fake. Included by the tests of each.
#pragma once
#include <gtest/gtest.h>

#include <vector>

#include "ports/ways.h"

namespace davy::ports::testing {

// A world has: mail(), run(task) -> Result<T>; letter(), one that its server takes; received(), the texts of the
// letters that it has; refuse(), from now on it says no; vanish(), from now on nobody is there.
template <class World>
struct MailContract : ::testing::Test {
  World world;
  Result<> send(std::string text) {
    auto letter = world.letter();
    letter.message = "Subject: x\r\n\r\n" + text + "\r\n";
    return world.run(world.mail().send(letter));
  }
};
TYPED_TEST_SUITE_P(MailContract);

TYPED_TEST_P(MailContract, HandsALetterOverAsItIs) {
  auto sent = this->send("hello\r\n.\r\n..b");
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(this->world.received(), std::vector<std::string>{"Subject: x\r\n\r\nhello\r\n.\r\n..b\r\n"});
}

TYPED_TEST_P(MailContract, WhatWasRefusedWasNotTaken) {
  this->world.refuse();
  auto sent = this->send("hello");
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Code::refused) << sent.error().message;
  EXPECT_TRUE(this->world.received().empty());
}

TYPED_TEST_P(MailContract, WhereNobodyIsNobodyHasIt) {
  this->world.vanish();
  auto sent = this->send("hello");
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, Code::unavailable) << sent.error().message;
}

REGISTER_TYPED_TEST_SUITE_P(MailContract, HandsALetterOverAsItIs, WhatWasRefusedWasNotTaken, WhereNobodyIsNobodyHasIt);

}  // namespace davy::ports::testing
