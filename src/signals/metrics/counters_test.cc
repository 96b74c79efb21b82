#include "signals/metrics/counters.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace davy::signals {
namespace {

TEST(Counters, GiveTheGrowthSinceTheLookBefore) {
  Counters c;
  c.begin();
  EXPECT_EQ(c.see("a", 100), std::nullopt) << "what was before Davy looked is nobody's";
  c.begin();
  EXPECT_EQ(c.see("a", 107), 7);
  c.begin();
  EXPECT_EQ(c.see("a", 107), 0);
}

TEST(Counters, ThatFellWereSetBackAndCountFromZero) {
  Counters c;
  c.begin(), c.see("a", 100);
  c.begin();
  EXPECT_EQ(c.see("a", 3), 3);
}

TEST(Counters, OfANewProcessCountFromZeroEvenIfTheyRose) {
  Counters c;
  c.begin(), c.see("a", 100);
  c.begin();
  EXPECT_EQ(c.see("a", 130, true), 130);
  c.begin();
  EXPECT_EQ(c.see("a", 131), 1);
}

// http_requests_total{status="500"} appears with the first error.
TEST(Counters, OfANewProcessThatAppearLaterAreItsOwn) {
  Counters c;
  auto look = [&](std::optional<double> b, bool restarted, std::uint64_t born) {
    c.begin();
    c.see("a", 1000, restarted, born);
    auto growth = b ? c.see("b", *b, restarted, born) : std::nullopt;
    c.end();
    return growth;
  };
  look(40, false, 0);
  look({}, true, 2);
  EXPECT_EQ(look(60, false, 2), 60) << "none of it is the one before's";
  EXPECT_EQ(look(61, false, 2), 1);
  look({}, true, 5);
  EXPECT_EQ(look(3, false, 5), 3);
  EXPECT_EQ(c.fell(), 0u) << "nothing was set back under one process";
}

TEST(Counters, ThatWereGoneAndAreLowerAreNoFall) {
  Counters c;
  for (auto value : {40., 0., 3.}) {
    c.begin();
    if (value > 0) c.see("a", value);
    c.end();
  }
  EXPECT_EQ(c.fell(), 0u);
}

TEST(Counters, ThatAreBornBetweenLooksCountWhole) {
  Counters c;
  c.begin(), c.see("ok", 5);
  c.begin();
  EXPECT_EQ(c.see("500", 2), 2);
}

TEST(Counters, SurviveLooksThatLackThem) {
  Counters c;
  c.begin(), c.see("a", 100), c.end();
  c.begin(), c.end();
  c.begin();
  EXPECT_EQ(c.see("a", 101), 1) << "missing once is not a new series";
}

TEST(Counters, KeepTheirValueWhenOneLookHasNone) {
  Counters c;
  c.begin(), c.see("a", 100);
  c.begin();
  EXPECT_EQ(c.see("a", NAN), std::nullopt);
  EXPECT_EQ(c.see("b", INFINITY), std::nullopt);
  c.begin();
  EXPECT_EQ(c.see("a", 110), 10);
}

TEST(Counters, ForgetWhatIsGoneForLong) {
  Counters c;
  for (int i = 0; i < 500; ++i) c.begin(), c.see("pod-" + std::to_string(i), 1), c.end();
  EXPECT_LE(c.size(), 2 * Counters::kRemembered);
}

TEST(Counters, AreBounded) {
  Counters c;
  c.begin();
  for (std::size_t i = 0; i < Counters::kMostSeries + 5; ++i) c.see(std::to_string(i), 1);
  EXPECT_EQ(c.size(), Counters::kMostSeries);
  EXPECT_EQ(c.refused(), 5u);
}

}  // namespace
}  // namespace davy::signals
