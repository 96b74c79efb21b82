#include "io/guard/proof.h"

#include <gmock/gmock.h>

namespace davy::io {
namespace {

using testing::HasSubstr;

TEST(Proof, HoldsWhenAllIsThereAndNothingElse) {
  std::string table = "1 shop 1 one 10.0.0.1 2 0 256\n1 shop 2 two 10.0.0.2 2 0 0\n";
  EXPECT_TRUE(holds(table, {"^1 shop 1 .* 256$", "two"}, {"two .* 256$"}));
  EXPECT_THAT(holds(table, {"^1 shop 3 "}, {}).error().message, HasSubstr("lacks `^1 shop 3 `: it answers `1 shop 1"));
  EXPECT_THAT(holds(table, {"one"}, {"^1 shop 2 .* 0$"}).error().message, HasSubstr("still shows"));
}

TEST(Proof, LooksAtEachLineByItself) {
  EXPECT_FALSE(holds("one\ntwo\n", {"one.two"}, {}));
  EXPECT_FALSE(holds("xone\n", {"^one$"}, {}));
}

TEST(Proof, DoesNotHoldByAnswersThatSayNothing) {
  EXPECT_THAT(holds("", {"one"}, {}).error().message, HasSubstr("the answer is empty"));
  EXPECT_FALSE(holds(std::string("one\n\0two", 8), {"one"}, {"two"})) << "nothing is seen behind a zero";
}

TEST(Proof, MustExpectSomethingThatCanBeRead) {
  EXPECT_TRUE(check_proof({"one"}, {"two"}));
  EXPECT_FALSE(check_proof({}, {"two"}));
  EXPECT_THAT(check_proof({"one"}, {"(two"}).error().message, HasSubstr("`(two`"));
}

}  // namespace
}  // namespace davy::io
