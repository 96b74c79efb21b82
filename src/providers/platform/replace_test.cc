#include "providers/platform/replace.h"

#include <gtest/gtest.h>

#include <regex>

#include "base/text.h"
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
    auto found = testing::run(platform->roller()->find(r, {.variables = {{"previous", previous}, {"run", "r9"}}}));
    EXPECT_TRUE(found);
    return found && *found;
  }
};

TEST_F(Replace, AVersionThatIsShippedOnceMoreIsThatOfTheOneBefore) {
  progress("1 100% done\n");
  EXPECT_TRUE(knows(of("1", "shop@1~r9"), "0"));
  EXPECT_FALSE(knows(of("1", "shop@1~r9"), "1"));
  EXPECT_TRUE(knows(of("1", "shop@1~r7"), "1"));
  progress("shop@1~r9 100% done\n");
  EXPECT_TRUE(knows(of("1", "shop@1~r9"), "1"));
  EXPECT_FALSE(knows(of("1", "shop@1~r7"), "1"));
}

TEST_F(Replace, TheKeepersProofLacksWhatIsOnItsWay) {
  auto moves = testing::run(platform->way_back(of("1", "shop@7"), {.variables = {{"previous", "2"}}}));
  ASSERT_TRUE(moves && moves->size() == 1);
  auto holds = [&](const char* progress) {
    std::regex expect(moves->front().expect.front(), std::regex::extended),
        lacks(moves->front().lacks.front(), std::regex::extended);
    bool all = false, other = false;
    for (auto line : split(progress, '\n')) {
      all |= std::regex_search(std::string(line), expect);
      other |= std::regex_search(std::string(line), lacks);
    }
    return all && !other;
  };
  for (auto home : {"1 100%", " 1\t100.0% done", "1 100 ", "shop@7 100% done since noon"})
    EXPECT_TRUE(holds(home)) << home;
  for (auto away :
       {"1 100%\n2 0% running", "2 0% running\n1 100% done", "1 100% running", "1 99%", "11 100%", "2 100%"})
    EXPECT_FALSE(holds(away)) << away;
}

TEST_F(Replace, TellsWhoHasUsersAlsoOfWhomNobodyKnows) {
  progress("7 60% running\nshop@7 40%\n8 0% running\n");
  auto shares = testing::run(platform->serves(of("1", "shop@7"), {}));
  ASSERT_TRUE(shares);
  ASSERT_EQ(shares->size(), 2u);
  EXPECT_EQ((*shares)[0].name, "7");
  EXPECT_EQ((*shares)[1].of.value, .4);
}

}  // namespace
}  // namespace davy::providers
