// What every Certificates keeps, the real one and the fake. Included by the tests of each.
#pragma once
#include <gtest/gtest.h>

#include "ports/certificates.h"

namespace davy::ports::testing {

// A world has: certificates(), run(task) -> Result<T>; serve(name, lives) -> the address of a server that shows a
// certificate for `name`, signed by itself and good for so long; pem(): that one as a text; nobody(): where none
// listens.
template <class World>
struct CertificatesContract : ::testing::Test {
  World world;
};
TYPED_TEST_SUITE_P(CertificatesContract);

TYPED_TEST_P(CertificatesContract, ShowsWhatAServerShowsThoughNobodyTrustsIt) {
  auto& w = this->world;
  auto address = w.serve("localhost", std::chrono::hours(48));
  auto seen = w.run(w.certificates().ask({.address = address, .name = "localhost"}));
  ASSERT_TRUE(seen) << seen.error().message;
  ASSERT_FALSE(seen->chain.empty());
  EXPECT_EQ(seen->chain[0].subject, "CN=localhost");
  EXPECT_EQ(seen->chain[0].names, std::vector<std::string>{"localhost"});
  EXPECT_GT(seen->chain[0].until, seen->chain[0].from + std::chrono::hours(48));
  EXPECT_TRUE(seen->named);
  EXPECT_NE(seen->distrust, "");
  EXPECT_EQ(seen->version, "1.3");
}

TYPED_TEST_P(CertificatesContract, AnOldOneAndAStrangersAreAnswersToo) {
  auto& w = this->world;
  auto address = w.serve("other.example", std::chrono::hours(-1));
  auto seen = w.run(w.certificates().ask({.address = address, .name = "localhost"}));
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_FALSE(seen->named);
  EXPECT_TRUE(w.run(w.certificates().ask({.address = address, .name = "other.example"}))->named);
}

TYPED_TEST_P(CertificatesContract, NobodyThereIsNoAnswer) {
  auto& w = this->world;
  EXPECT_EQ(w.run(w.certificates().ask({.address = w.nobody()})).error().code, Code::unavailable);
  EXPECT_EQ(w.run(w.certificates().ask({.address = "no-port"})).error().code, Code::invalid);
}

TYPED_TEST_P(CertificatesContract, ReadsTheSameFromAText) {
  auto& w = this->world;
  auto address = w.serve("localhost", std::chrono::hours(48));
  auto read = w.certificates().in_pem(w.pem());
  ASSERT_TRUE(read) << read.error().message;
  auto seen = w.run(w.certificates().ask({.address = address}));
  ASSERT_TRUE(seen && !seen->chain.empty());
  EXPECT_EQ((*read)[0].fingerprint, seen->chain[0].fingerprint);
  EXPECT_EQ((*read)[0].until, seen->chain[0].until);
  EXPECT_EQ(w.certificates().in_pem("127.0.0.1 localhost\n").error().code, Code::invalid);
}

REGISTER_TYPED_TEST_SUITE_P(CertificatesContract, ShowsWhatAServerShowsThoughNobodyTrustsIt,
                            AnOldOneAndAStrangersAreAnswersToo, NobodyThereIsNoAnswer, ReadsTheSameFromAText);

}  // namespace davy::ports::testing
