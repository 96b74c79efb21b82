#include "judge/news.h"

#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;

constexpr const char* kSeries = "app.new_errors";

Window shows(Window w, const std::string& release, std::initializer_list<const char*> patterns) {
  for (auto pattern : patterns) w.shown[kSeries][release][pattern] = std::string("line of ") + pattern;
  w.counts[kSeries][release];
  return w;
}

std::uint64_t news(News& news, Window w, const std::string& release) {
  news.count(w);
  return w.counts[kSeries][release];
}

TEST(News, APatternIsNewsOnceAndWithALineOfIt) {
  Windows windows;
  News all({subject()}, {});
  auto w = shows(windows.empty(), kNew, {"no card"});
  all.count(w);
  EXPECT_EQ(w.counts[kSeries][kNew], 1u);
  EXPECT_EQ(w.states[kSeries][kNew], "line of no card");
  EXPECT_EQ(news(all, shows(windows.empty(), kNew, {"no card"}), kNew), 0u) << "told again";
}

TEST(News, WhatThePreviousReleaseShowsIsNone) {
  Windows windows;
  News all({subject()}, {});
  EXPECT_EQ(news(all, shows(windows.empty(), kOld, {"no card"}), kOld), 0u);
  EXPECT_EQ(news(all, shows(windows.empty(), kNew, {"no card", "no money"}), kNew), 1u);
  auto both = shows(shows(windows.empty(), kNew, {"late"}), kOld, {"late"});
  EXPECT_EQ(news(all, both, kNew), 0u) << "in the same window";
}

TEST(News, BeforeTheFirstUserTheServiceIsTheBaselineAndTheCandidateIsNot) {
  Windows windows;
  auto before = shows(shows(windows.empty(), "", {"known"}), kNew, {"cannot start"});
  News all({subject()}, before);
  EXPECT_EQ(news(all, shows(windows.empty(), "", {"known"}), ""), 0u);
  EXPECT_EQ(news(all, shows(windows.empty(), kNew, {"cannot start"}), kNew), 1u);
}

TEST(News, AWindowThatWasKeptIsLearntAndNotCountedAgain) {
  Windows windows;
  News first({subject()}, {}), again({subject()}, {});
  auto w = shows(windows.empty(), kNew, {"no card"});
  first.count(w);
  auto kept = decode(encode(w));
  ASSERT_TRUE(kept);
  again.learn(*kept);
  EXPECT_EQ(kept->counts[kSeries][kNew], 1u);
  EXPECT_EQ(news(again, shows(windows.empty(), kNew, {"no card"}), kNew), 0u);
}

TEST(News, APatternMayBeWrittenWiderOrNarrower) {
  EXPECT_TRUE(same_pattern("user <*> denied", "user bob denied"));
  EXPECT_TRUE(same_pattern("user bob denied", "user <*> denied"));
  EXPECT_TRUE(same_pattern("at db=<*>, gone", "at db=main, gone"));
  EXPECT_FALSE(same_pattern("at db=<*>, gone", "at queue=main, gone"));
  EXPECT_FALSE(same_pattern("user bob denied", "user bob is denied"));
  EXPECT_FALSE(same_pattern("no card", "no money"));
}

TEST(News, ALogFullOfPatternsFillsNoMemoryAndIsNoNews) {
  Windows windows;
  News all({subject()}, {});
  Window w = windows.empty();
  for (std::size_t i = 0; i < News::kMost + 10; ++i) w.shown[kSeries][kNew]["p" + std::to_string(i)] = "x";
  EXPECT_EQ(news(all, w, kNew), News::kMost);
  EXPECT_EQ(news(all, shows(windows.empty(), kNew, {"another"}), kNew), 0u);
}

}  // namespace
}  // namespace davy::judge
