#include "providers/platform/replace.h"

#include <gmock/gmock.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::World;

struct Replace : ::testing::Test, World {
  static run::Release of(std::string version, std::string id) {
    ReplaceOptions options{.replace = "deploy", .progress = "how far", .status = "is-up"};
    return {std::move(version), std::move(id), spec::from_json(spec::encode(options))};
  }
  std::unique_ptr<ports::Platform> platform = replace_platform(outside, {"shop", "production", ""});
  void progress(std::string text) {
    process.answer = [text](const ports::CommandSpec&) { return ports::CommandEnd{.exit_code = 0, .output = text}; };
  }
  bool knows(const run::Release& r, const std::string& previous) {
    auto found = testing::run(platform->roller()->find(r, {.variables = {{"previous", previous}}}));
    EXPECT_TRUE(found);
    return found && *found;
  }
};

TEST_F(Replace, AVersionThatIsShippedOnceMoreIsNobodysName) {
  progress("1 100% done\n");
  EXPECT_TRUE(knows(of("1", "shop@7"), "0"));
  EXPECT_FALSE(knows(of("1", "shop@7"), "1")) << "it may as well be that of the one before";
  progress("shop@7 100% done\n");
  EXPECT_TRUE(knows(of("1", "shop@7"), "1"));
  auto moves = testing::run(platform->way_back(of("1", "shop@7"), {.variables = {{"previous", "1"}}}));
  ASSERT_TRUE(moves && moves->size() == 1);
  EXPECT_THAT(moves->front().expect.front(), HasSubstr("shop@7"));
  EXPECT_THAT(moves->front().expect.front(), Not(HasSubstr("|1)")));
}

}  // namespace
}  // namespace davy::providers
