#include "spec/measure.h"

#include <gtest/gtest.h>

namespace davy::spec {
namespace {

Measure measure(std::string_view name) { return Leaf<Measure>::parse(text(std::string(name))).value_or(Measure{"?"}); }

TEST(Measure, IsAWordOfAPlan) {
  EXPECT_EQ(measure("percent"), (Measure{"percent", Unit::ratio, 0.01}));
  EXPECT_EQ(measure("share"), (Measure{"share", Unit::ratio, 1}));
  EXPECT_EQ(measure("ms"), (Measure{"ms", Unit::seconds, 0.001}));
  EXPECT_EQ(measure("MiB"), (Measure{"MiB", Unit::bytes, 1048576}));
  EXPECT_EQ(measure("/min"), (Measure{"/min", Unit::rate, 1.0 / 60}));
  EXPECT_EQ(measure("KB/s"), (Measure{"KB/s", Unit::bytes_rate, 1000}));
  for (auto none : {"", "percents", "5 ms", "ms/s", "percent/s", "/", "/d", "%"})
    EXPECT_EQ(measure(none).name, "?") << none;
}

TEST(Measure, TakesABareNumberForWhatThePlanSays) {
  EXPECT_EQ(in_base({75, Unit::none}, measure("percent")), 0.75);
  EXPECT_EQ(in_base({250, Unit::none}, measure("ms")), 0.25);
  EXPECT_EQ(in_base({3, Unit::none}, {}), 3);
}

TEST(Measure, AUnitThatWasWrittenMustBeOfTheKindThatThePlanSays) {
  EXPECT_EQ(in_base({0.012, Unit::seconds}, measure("s")), 0.012) << "12 ms, and the plan speaks of time";
  EXPECT_EQ(in_base({0.012, Unit::seconds}, {}), std::nullopt) << "12 ms is neither 12 nor 0.012";
  EXPECT_EQ(in_base({0.012, Unit::seconds}, measure("percent")), std::nullopt);
}

TEST(Measure, IsOneWordForTheOwnNumberOrAMapByName) {
  Diagnostics d;
  Measures one, several;
  ASSERT_TRUE(decode(text("ms"), one, d));
  EXPECT_EQ(one.of("").name, "ms");
  EXPECT_EQ(one.of("wait").name, "") << "a word is about the signal's own number";
  ASSERT_TRUE(decode(object({{"wait", {}, text("ms")}, {"pool", {}, text("percent")}}), several, d));
  EXPECT_EQ(several.of("pool").name, "percent");
  EXPECT_EQ(several.of("queue").name, "");
  EXPECT_EQ(encode(several).dump(), R"({"pool":"percent","wait":"ms"})");
  EXPECT_FALSE(decode(text("furlongs"), one, d));
}

TEST(Measure, LikeIsComparedWithLike) {
  auto fits = [](std::string_view condition, Unit has) { return comparable(*parse_condition(condition), has); };
  EXPECT_TRUE(fits("queue < 50", Unit::none));
  EXPECT_TRUE(fits("cache > 70%", Unit::ratio));
  EXPECT_TRUE(fits("wait < 300ms", Unit::seconds));
  EXPECT_TRUE(fits("orders > 2/s", Unit::rate));
  EXPECT_TRUE(fits("orders > 2", Unit::rate));
  EXPECT_TRUE(fits("wait > 0", Unit::seconds)) << "0 is 0 in every unit";
  EXPECT_TRUE(fits("wait > 150% of previous", Unit::none)) << "a share of itself";
  EXPECT_TRUE(fits("memory grows > 1 MB/min", Unit::bytes));
  EXPECT_TRUE(fits("memory grows > 2%/h", Unit::bytes));
  EXPECT_TRUE(fits("state is ready", Unit::none));

  for (auto condition : {"wait < 300ms", "cache > 70%", "free > 10 GB", "orders > 2/s", "wait = 1..2s"})
    EXPECT_FALSE(fits(condition, Unit::none)) << condition;
  EXPECT_FALSE(fits("wait < 300", Unit::seconds)) << "300 of what";
  EXPECT_FALSE(fits("cache > 70", Unit::ratio));
  EXPECT_FALSE(fits("free > 30d", Unit::bytes));
  EXPECT_FALSE(fits("queue grows > 1 MB/min", Unit::none));
  EXPECT_FALSE(fits("wait grows > 5/min", Unit::seconds));
}

}  // namespace
}  // namespace davy::spec
