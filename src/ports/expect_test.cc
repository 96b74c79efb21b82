#include "ports/expect.h"

#include <gtest/gtest.h>

namespace davy::ports {
namespace {

spec::Condition condition(std::string_view text) {
  auto c = spec::parse_condition(text);
  EXPECT_TRUE(c) << text;
  return c.value_or(spec::Condition{});
}

const Observation kSeen{.ok = true,
                        .says = "500 in 12ms",
                        .numbers = {{"free", 8.2e9}, {"total", 41e9}, {"status", 500}, {"time", .012}, {"used", .93}},
                        .words = {{"value", "degraded"}},
                        .part_of = {{"free", "total"}}};
const Observation kFailed{
    .ok = false, .unwell = {"status"}, .says = "500 in 2ms", .numbers = {{"status", 500}, {"time", .002}}};

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
  EXPECT_EQ(wrong("rows < 10"), "500 in 12ms: saw no `rows`, only free, status, time, total, used, value");
  EXPECT_EQ(wrong("value > 3"), "value is `degraded`, not a number, expected value > 3");
}

TEST(Expect, AMissSaysWhatWasExpectedWhatWasFoundAndHowTheProbeFoundIt) {
  auto miss = *missed(kSeen, {condition("free > 10 GB")});
  EXPECT_EQ(miss.expected, "free > 10 GB");
  EXPECT_EQ(miss.found, "8.2 GB");
  EXPECT_EQ(miss.raw, "8200000000");
  miss = *missed(kSeen, {condition("value is healthy")});
  EXPECT_EQ(miss.expected + "; " + miss.found, "value is healthy; degraded");
  miss = *missed(kFailed, {});
  EXPECT_EQ(miss.expected, "") << "by its own idea of well";
  EXPECT_EQ(miss.found, "500 in 2ms");
  EXPECT_TRUE(missed(kSeen, {condition("rows < 10")})->blind);
  EXPECT_FALSE(missed(kSeen, {condition("free > 10 GB")})->blind);
}

std::string warning(std::string_view text) {
  auto miss = warned(kSeen, {condition(text)});
  return miss ? miss->says : "nothing";
}

TEST(Degraded, IsWhatItsConditionSays) {
  EXPECT_EQ(warning("free < 20 GB"), "free is 8.2 GB (free < 20 GB)");
  EXPECT_EQ(warning("free < 5 GB"), "nothing");
  EXPECT_EQ(warning("free < 50%"), "free is 20% (free < 50%)") << "a share of the whole";
  EXPECT_EQ(warning("value is degraded"), "value is degraded (value is degraded)");
  EXPECT_EQ(warning("value is down"), "nothing");
  auto miss = *warned(kSeen, {condition("free < 5 GB"), condition("time > 10ms")});
  EXPECT_EQ(miss.expected + "; " + miss.found + "; " + miss.raw, "not time > 10ms; 12ms; 0.012") << "any of them";
}

TEST(Degraded, IsWhatCannotBeTold) {
  EXPECT_EQ(warning("rows > 5"),
            "cannot tell whether rows > 5: 500 in 12ms: saw no `rows`, only free, status, time, total, used, value");
  EXPECT_EQ(warning("value > 5").substr(0, 33), "cannot tell whether value > 5: va");
}

TEST(Expect, WithoutConditionsTheProbeJudges) { EXPECT_EQ(unmet(kFailed, {}), "500 in 2ms"); }

TEST(Expect, AddsToWhatIsWell) {
  EXPECT_EQ(unmet(kFailed, {condition("time < 1s")}), "500 in 2ms; `expect` says nothing of `status`");
  EXPECT_EQ(unmet({.ok = false, .says = "gone"}, {condition("time < 1s")}), "gone");
}

TEST(Expect, DecidesAloneAboutWhatItNames) {
  EXPECT_EQ(unmet(kFailed, {condition("status = 500"), condition("time < 1s")}), std::nullopt);
  EXPECT_EQ(unmet(kFailed, {condition("status in 400..422")}), "status is 500, expected status in 400..422");
  auto both = kFailed;
  both.unwell.push_back("value");
  EXPECT_EQ(unmet(both, {condition("status = 500")}), "500 in 2ms; `expect` says nothing of `value`");
}

TEST(Expect, ComparesAPartByItsShareOfTheWhole) {
  EXPECT_EQ(wrong("free > 10%"), "nothing");
  EXPECT_EQ(wrong("free > 30%"), "free is 20%, expected free > 30%");
}

TEST(Expect, ComparesLikeWithLikeWhereOnlyTheLookTellsTheUnit) {
  Observation seen{.ok = true,
                   .numbers = {{"left", 40}, {"size", 148}},
                   .units = {{"left", spec::Unit::none}, {"size", spec::Unit::bytes}}};
  EXPECT_EQ(unmet(seen, {condition("left > 30d")}), "left is 40, which does not compare with 30d");
  EXPECT_EQ(unmet(seen, {condition("left > 30")}), std::nullopt);
  EXPECT_EQ(unmet(seen, {condition("size < 1 KB")}), std::nullopt);
  EXPECT_EQ(unmet(seen, {condition("size < 1000")}), "size is 148 B, which does not compare with 1000");
}

TEST(Expect, LooksForPartsOfAText) {
  EXPECT_EQ(wrong("value contains grad"), "nothing");
  EXPECT_EQ(wrong("value lacks grad"), "value is degraded, expected value lacks grad");
}

TEST(Expect, AllConditionsMustHold) {
  EXPECT_EQ(unmet(kSeen, {condition("time < 1s"), condition("status == 200")}),
            "status is 500, expected status == 200");
}

TEST(Expect, TrendsNeedASignal) { EXPECT_EQ(wrong("free rises"), "`free rises` needs a signal, one look cannot tell"); }

}  // namespace
}  // namespace davy::ports
