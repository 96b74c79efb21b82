#include "notices/silence.h"

#include <gtest/gtest.h>

namespace davy::notices {
namespace {

using namespace std::chrono_literals;
const Time kNow{std::chrono::hours(24 * 20000)};

TEST(Silence, IsALeaseThatIsProlongedAtHalfTime) {
  EXPECT_EQ(due({}, true, false, kNow), kNow + 25min);
  Lease lease{"s1", kNow, kNow + 25min};
  EXPECT_EQ(due(lease, true, false, kNow + 5min), std::nullopt);
  EXPECT_EQ(due(lease, true, false, kNow + 13min), kNow + 38min);
  EXPECT_EQ(due(lease, true, false, kNow + 26min), kNow + 51min) << "it lapsed: a new one";
}

TEST(Silence, LapsesWhileAPersonIsAskedAndAfterTwelveHours) {
  Lease lease{"s1", kNow, kNow + 25min};
  EXPECT_EQ(due(lease, false, false, kNow + 20min), std::nullopt);
  EXPECT_EQ(due({}, false, false, kNow), std::nullopt);
  lease.until = kNow + 12h + 5min;
  EXPECT_EQ(due(lease, true, false, kNow + 12h), std::nullopt);
}

TEST(Silence, EndsFiveMinutesAfterTheRun) {
  Lease lease{"s1", kNow, kNow + 25min};
  EXPECT_EQ(due(lease, true, true, kNow + 2min), kNow + 7min);
  EXPECT_EQ(due(lease, true, true, kNow + 22min), std::nullopt) << "it ends sooner by itself";
  EXPECT_EQ(due({}, true, true, kNow), std::nullopt);
}

TEST(Silence, SaysWhomItMeansAsAlertmanagerDoes) {
  for (auto text : {"service=shop", "severity=~page|warn", "team!=web", "instance!~test.*", "a="})
    EXPECT_EQ(is_matcher(text), text != std::string_view("a=")) << text;
  for (auto text : {"", "=x", "shop", "a!b"}) EXPECT_FALSE(is_matcher(text)) << text;
  Silence what{.alertmanager = "http://a", .matchers = {"service=shop", "team!~w.*"}};
  auto body = spec::parse_json(silence_body(what, {"", kNow, {}}, kNow + 25min, "run r1"));
  ASSERT_TRUE(body);
  EXPECT_EQ((*body)["matchers"][0],
            (spec::Json{{"name", "service"}, {"value", "shop"}, {"isEqual", true}, {"isRegex", false}}));
  EXPECT_EQ((*body)["matchers"][1],
            (spec::Json{{"name", "team"}, {"value", "w.*"}, {"isEqual", false}, {"isRegex", true}}));
  EXPECT_FALSE(body->contains("id"));
}

}  // namespace
}  // namespace davy::notices
