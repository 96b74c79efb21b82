#include "ports/guard.h"

#include <gtest/gtest.h>

namespace davy::ports {
namespace {

TEST(TakenInWords, NamesWhatWasDoneAndWhatIsOpen) {
  EXPECT_EQ(in_words({.done = {"traffic of a to a 1", "traffic of b to b 1"}}),
            "traffic of a to a 1, traffic of b to b 1");
  EXPECT_EQ(in_words({.done = {"a"}, .open = {{"b", "no answer"}, {"c", "it lies"}}}),
            "a; not yet: b (no answer), c (it lies)");
  EXPECT_EQ(in_words({.open = {{"b", "no answer"}}}), "not yet: b (no answer)");
}

}  // namespace
}  // namespace davy::ports
