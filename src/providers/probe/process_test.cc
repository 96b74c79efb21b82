#include "providers/probe/process.h"

#include <gmock/gmock.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;

TEST(ProcessProbe, SaysHowManyRunAndAsWhom) {
  auto seen = observed({.name = "nginx"}, {{"10", "root"}, {"12", "www-data"}, {"13", "www-data"}});
  EXPECT_TRUE(seen.ok);
  EXPECT_EQ(seen.says, "3 of nginx run as root, www-data");
  EXPECT_EQ(seen.words["value"], "10, 12, 13");
  auto none = observed({.name = "nginx"}, {});
  EXPECT_FALSE(none.ok);
  EXPECT_THAT(none.unwell, ElementsAre("count"));
}

TEST(ProcessProbe, FindsThisVeryTest) {
  World world;
  std::ifstream comm("/proc/self/comm");
  std::string name;
  std::getline(comm, name);
  auto seen = run(perform(ProcessProbe{.name = name + (name.size() == 15 ? "-and-more" : "")}, world.outside, {}));
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_THAT(seen->words["value"], ::testing::HasSubstr(std::to_string(::getpid())));
  EXPECT_FALSE(run(perform(ProcessProbe{.name = "no such program"}, world.outside, {}))->ok);
}

}  // namespace
}  // namespace davy::providers
