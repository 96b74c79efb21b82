#include "judge/readings.h"

#include <gtest/gtest.h>

namespace davy::judge {
namespace {

using namespace std::chrono_literals;

struct ReadingsTest : ::testing::Test {
  Readings readings;
  Time now{1000s};

  spec::Condition condition(std::string_view text) { return *spec::parse_condition(text); }
  // A minute in which `shop@2` had so many requests and errors, and a gauge stood.
  void minute(std::uint64_t requests, std::uint64_t errors, double used) {
    Window w{.from = now, .to = now + 1min};
    auto& tally = w.releases["shop@2"];
    tally.requests = requests, tally.errors = errors;
    w.numbers["database.pool_use"][""] = used;
    w.states["health"][""] = "healthy";
    now += 1min;
    readings.see(w);
  }
  std::string says(std::string_view text, const std::string& release = "shop@2") {
    return readings.find(condition(text), release).says;
  }
  Holds holds(std::string_view text) { return readings.find(condition(text), "shop@2").holds; }
};

TEST_F(ReadingsTest, SayHowItIs) {
  for (auto text : {"error_rate over 3m < 1%", "database.pool_use < 80%"}) readings.keep(condition(text));
  for (int i = 0; i < 3; ++i) minute(1000, 5, 0.4);
  EXPECT_EQ(holds("error_rate over 3m < 1%"), Holds::yes);
  EXPECT_EQ(says("error_rate over 3m < 1%"), "error_rate is 0.5% over 3m");
  EXPECT_EQ(says("error_rate over 3m < 0.1%"), "error_rate is 0.5% over 3m, expected error_rate over 3m < 0.1%");
  EXPECT_EQ(holds("database.pool_use > 80%"), Holds::no);
  EXPECT_EQ(says("health is healthy"), "health is healthy");
}

TEST_F(ReadingsTest, OfALogThatIsNotThereAreNoQuietHour) {
  readings.keep(condition("requests over 1m < 5"));
  auto see = [&](bool complete) {
    readings.see({.from = now, .to = now + 1s, .complete = complete, .gap = complete ? "" : "there is no file /a.log"});
    now += 1s;
  };
  for (int i = 0; i < 60; ++i) see(false);
  EXPECT_EQ(says("requests over 1m < 5", ""), "cannot tell: there is no file /a.log");
  for (int i = 0; i < 61; ++i) see(i != 20);
  EXPECT_EQ(says("requests over 1m < 5", ""), "requests is 0 over 1m") << "it was rotated";
}

TEST_F(ReadingsTest, WithoutAnErrorAreAPassOfAnErrorRate) {
  readings.keep(condition("error_rate < 1%"));
  minute(1000, 0, 0);
  EXPECT_EQ(holds("error_rate < 1%"), Holds::yes);
}

TEST_F(ReadingsTest, FewErrorsAreNoPassAndProveNothing) {
  readings.keep(condition("error_rate < 1%"));
  minute(30, 1, 0);
  EXPECT_EQ(says("error_rate < 1%"), "cannot tell: error_rate is 3.33%, by 1 error: too few to prove it");
  minute(30, 3, 0);
  EXPECT_EQ(holds("error_rate < 1%"), Holds::no);
}

TEST_F(ReadingsTest, AccuseAsTheJudgeOfARunDoes) {
  run::Subject shop{"shop", {"2", "shop@2"}, {"1", "shop@1"}};
  auto rule = condition("error_rate > 1%");
  readings.keep(rule);
  minute(30, 1, 0);
  EXPECT_EQ(readings.accuses(rule, shop).holds, Holds::no) << "one error";
  minute(5, 5, 0);
  EXPECT_EQ(readings.accuses(rule, shop).holds, Holds::cannot_tell)
      << "five requests, at night: nobody is well by that";
  EXPECT_TRUE(readings.accuses(rule, shop).early) << "and nobody is blind";
  minute(1000, 50, 0);
  EXPECT_EQ(readings.accuses(rule, shop).holds, Holds::yes);
  readings.blind("the log is gone");
  EXPECT_EQ(readings.accuses(rule, shop).holds, Holds::cannot_tell);
  EXPECT_FALSE(readings.accuses(rule, shop).early);
}

TEST_F(ReadingsTest, OfTooLittleTimeOrTrafficAreNoPass) {
  readings.keep(condition("error_rate over 15m < 1%")), readings.keep(condition("error_rate < 1%"));
  EXPECT_EQ(holds("error_rate < 1%"), Holds::cannot_tell);
  EXPECT_TRUE(readings.find(condition("error_rate < 1%"), "shop@2").early);
  for (int i = 0; i < 3; ++i) minute(3, 0, 0);
  EXPECT_EQ(says("error_rate over 15m < 1%"), "cannot tell: 3m of 15m seen");
  EXPECT_FALSE(readings.find(condition("error_rate over 15m < 1%"), "shop@2").early) << "there is no use in waiting";
  EXPECT_TRUE(says("error_rate < 1%").starts_with("cannot tell: ")) << says("error_rate < 1%");
}

TEST_F(ReadingsTest, BeginAnewAfterAnOutageThatWasWanted) {
  readings.keep(condition("error_rate over 3m < 1%"));
  for (int i = 0; i < 3; ++i) minute(1000, 0, 0);
  EXPECT_EQ(holds("error_rate over 3m < 1%"), Holds::yes);
  readings.begin_anew();
  minute(1000, 0, 0);
  EXPECT_EQ(says("error_rate over 3m < 1%"), "cannot tell: 1m of 3m seen");
}

TEST_F(ReadingsTest, OfAnotherReleaseAreNotTaken) {
  readings.keep(condition("error_rate < 1%"));
  minute(1000, 0, 0);
  EXPECT_TRUE(readings.knows(condition("error_rate < 1%"), "shop@2"));
  EXPECT_FALSE(readings.knows(condition("error_rate < 1%"), "shop@3"));
  EXPECT_TRUE(says("error_rate < 1%", "shop@3").starts_with("cannot tell"));
}

TEST_F(ReadingsTest, ThatCannotBeHadSayWhy) {
  readings.keep(condition("health is up"));
  readings.blind("another run reads /run/davy/log.sock");
  EXPECT_EQ(says("health is up"), "cannot tell: another run reads /run/davy/log.sock");
  Window away{.from = now, .to = now + 1s};
  EXPECT_EQ(Readings().find(condition("health is up"), "").holds, Holds::cannot_tell);
}

}  // namespace
}  // namespace davy::judge
