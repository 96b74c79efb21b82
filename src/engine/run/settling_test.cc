#include "engine/run/settling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace davy::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

judge::Window until(Time to, std::optional<Time> sure = {}) { return {.from = to - 100ms, .to = to, .sure = sure}; }

judge::Window doubted(Time to, Time sure) {
  auto out = until(to, sure);
  out.complete = false, out.doubted = true, out.gap = "lines are missing";
  return out;
}

std::vector<std::string> said(const std::vector<judge::Window>& windows) {
  std::vector<std::string> out;
  for (auto& w : windows) out.push_back(human(w.to.time_since_epoch()) + (w.complete ? "" : ": " + w.gap));
  return out;
}

TEST(Settling, WhereNothingIsComparedAWindowIsSureAtOnce) {
  Settling s;
  EXPECT_THAT(said(s.see(until(Time(1s)))), ElementsAre("1s"));
  EXPECT_THAT(s.rest(), IsEmpty());
}

TEST(Settling, WindowsWaitInOrderUntilTheirLinesWereCompared) {
  Settling s;
  EXPECT_THAT(s.see(until(Time(1s), Time(0s))), IsEmpty());
  EXPECT_THAT(s.see(until(Time(2s), Time(0s))), IsEmpty());
  EXPECT_THAT(said(s.see(until(Time(3s), Time(1s)))), ElementsAre("1s"));
  EXPECT_THAT(said(s.see(until(Time(4s), Time(3s)))), ElementsAre("2s", "3s"));
  EXPECT_THAT(said(s.rest()), ElementsAre("4s"));
}

TEST(Settling, ADoubtIsAboutAllSinceTheLastGoodComparison) {
  Settling s;
  s.see(until(Time(1s), Time(0s)));
  s.see(until(Time(2s), Time(0s)));
  EXPECT_THAT(said(s.see(until(Time(3s), Time(1s)))), ElementsAre("1s"));
  EXPECT_THAT(said(s.see(doubted(Time(4s), Time(1s)))),
              ElementsAre("2s: lines are missing", "3s: lines are missing", "4s: lines are missing"));
  EXPECT_THAT(said(s.see(until(Time(5s), Time(5s)))), ElementsAre("5s"));
}

TEST(Settling, AGapOfItsOwnIsTheWindowsOwn) {
  Settling s;
  auto one = until(Time(1s), Time(0s));
  one.complete = false, one.gap = "the kernel dropped 3 lines";
  s.see(one);
  EXPECT_THAT(said(s.see(doubted(Time(2s), Time(0s)))),
              ElementsAre("1s: the kernel dropped 3 lines", "2s: lines are missing"));
}

TEST(Settling, WhatWaitsIsThereForABaseline) {
  Settling s;
  s.see(until(Time(1s), Time(0s)));
  EXPECT_EQ(s.waiting().size(), 1u);
  s.see(until(Time(2s), Time(2s)));
  EXPECT_THAT(s.waiting(), IsEmpty());
}

}  // namespace
}  // namespace davy::engine
