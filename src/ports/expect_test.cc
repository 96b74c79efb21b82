#include "ports/expect.h"

#include <gtest/gtest.h>

namespace davy::ports {
namespace {

spec::Condition condition(std::string_view text) {
  auto c = spec::parse_condition(text);
  EXPECT_TRUE(c) << text;
  return c.value_or(spec::Condition{});
}

const Observation kSeen{.ok = false,
                        .says = "500 in 12ms",
                        .numbers = {{"free", 8.2e9}, {"status", 500}, {"time", .012}, {"used", .93}},
                        .words = {{"value", "degraded"}}};

std::string wrong(std::string_view text) { return unmet(kSeen, {condition(text)}).value_or("nothing"); }

TEST(Expect, ComparesNumbersInTheirUnits) {
  EXPECT_EQ(wrong("free > 10 GB"), "free is 8.2 GB, expected free > 10 GB");
  EXPECT_EQ(wrong("time < 50ms"), "nothing");
  EXPECT_EQ(wrong("used < 90%"), "used is 93%, expected used < 90%");
  EXPECT_EQ(wrong("status == 500"), "nothing");
}

TEST(Expect, ComparesWords) {
  EXPECT_EQ(wrong("value is healthy"), "value is degraded, expected value is healthy");
  EXPECT_EQ(wrong("value is not healthy"), "nothing");
  EXPECT_EQ(wrong("status is 500"), "nothing");
}

TEST(Expect, SaysWhatTheProbeDidSee) {
  EXPECT_EQ(wrong("rows < 10"), "500 in 12ms: saw no `rows`, only free, status, time, used, value");
  EXPECT_EQ(wrong("value > 3"), "value is `degraded`, not a number, expected value > 3");
}

TEST(Expect, WithoutConditionsTheProbeJudges) { EXPECT_EQ(unmet(kSeen, {}), "500 in 12ms"); }

TEST(Expect, AllConditionsMustHold) {
  EXPECT_EQ(unmet(kSeen, {condition("time < 1s"), condition("status == 200")}),
            "status is 500, expected status == 200");
}

TEST(Expect, TrendsNeedASignal) { EXPECT_EQ(wrong("free rises"), "`free rises` needs a signal, one look cannot tell"); }

}  // namespace
}  // namespace davy::ports
