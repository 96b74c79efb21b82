#include "io/secrets/secret_look.h"

#include <gtest/gtest.h>
#include <stdlib.h>

namespace davy::io {
namespace {

struct SecretLooks : ::testing::Test {
  Secrets secrets;
  SecretLook look{secrets};
  void set(const char* name, const char* value) {
    ::setenv(name, value, 1);
    secrets.add_environment({name});
    ::unsetenv(name);
  }
};

TEST_F(SecretLooks, TellWhetherAndNotWhat) {
  set("DAVY_TEST_A", "Change-Me "), set("DAVY_TEST_B", " "), set("DAVY_TEST_C", "x9");
  auto a = look.look({"DAVY_TEST_A"}, {"secret", "change-me"}), b = look.look({"DAVY_TEST_B"}, {}),
       c = look.look({"DAVY_TEST_C"}, {"x", "x99"}), none = look.look({"DAVY_TEST_D"}, {});
  ASSERT_TRUE(a && b && c && none);
  EXPECT_TRUE(a->set && a->among && !a->empty);
  EXPECT_TRUE(b->set && b->empty);
  EXPECT_TRUE(c->set && !c->among && !c->empty) << "a part of it is not it";
  EXPECT_FALSE(none->set);
}

TEST_F(SecretLooks, MaskWhatComesFromOutside) {
  set("DAVY_TEST_A", "open sesame");
  EXPECT_EQ(look.masked("it said open sesame twice: open sesame"), "it said [DAVY_TEST_A] twice: [DAVY_TEST_A]");
}

}  // namespace
}  // namespace davy::io
