#include "spec/json.h"

#include <gtest/gtest.h>

namespace davy::spec {
namespace {

TEST(Json, SaysWhereTextStopsBeingJson) {
  EXPECT_EQ(parse_json("{\"a\": }").error().message, "not JSON at byte 7");
  EXPECT_FALSE(parse_json(""));
}

TEST(Json, RefusesWhatItsParserThrowsFor) {
  EXPECT_EQ(parse_json("[1e999]").error().message, "JSON with a number that is too large");
}

TEST(Json, RefusesNestingThatWouldEndTheStack) {
  EXPECT_TRUE(parse_json(std::string(500, '[') + std::string(500, ']')));
  EXPECT_EQ(parse_json(std::string(4'000'000, '[')).error().message,
            "JSON that is nested too deep or has too many members, at byte 501");
  EXPECT_TRUE(parse_json("\"\\\"" + std::string(1000, '[') + "\"")) << "brackets in a text are text";
}

TEST(Json, RefusesObjectsThatWouldTakeMinutes) {
  std::string many = "{";
  for (int i = 0; i < 300'000; ++i) many += "\"" + std::to_string(i) + "\":1,";
  EXPECT_FALSE(parse_json(many + "\"x\":1}"));
}

}  // namespace
}  // namespace davy::spec
