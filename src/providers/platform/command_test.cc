#include "providers/platform/command.h"

#include <gmock/gmock.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::HasSubstr;

struct Host : World {
  Host() {
    process.answer = [this](auto& spec) {
      auto& text = spec.argv.at(2);
      if (text == "up") running = true;
      if (text == "down") running = false;
      bool well = text != "is-up" || running;
      return ports::CommandEnd{.exit_code = well ? 0 : 3,
                               .output = text == "where" ? "10.0.0.1:80\n10.0.0.2:80\n"
                                         : well          ? ""
                                                         : "inactive\n"};
    };
    make();
  }
  void make() { platform = command_platform(outside, {"shop", "production", ""}); }
  run::Release one() const { return {"1", "shop@1", spec::from_json(spec::encode(options))}; }
  bool running = false;
  CommandPlatformOptions options{.start = "up", .stop = "down", .status = "is-up"};
  std::unique_ptr<ports::Platform> platform;
};

TEST(CommandPlatform, StartsAndStopsTheOneSlot) {
  Host host;
  EXPECT_FALSE(run(host.platform->instances(host.one(), {}))->at(0).alive);
  auto up = run(host.platform->start(host.one(), 1, {.key = "a"}));
  ASSERT_EQ(because(up), "fine");
  EXPECT_EQ(up->at(0).release, "shop@1");
  EXPECT_TRUE(up->at(0).alive);
  auto& env = host.process.launched.at("a-start").env;
  EXPECT_EQ(env.at("version"), "1");
  EXPECT_EQ(env.at("release"), "shop@1");
  EXPECT_EQ(env.at("instances"), "1");
  EXPECT_EQ(because(run(host.platform->stop(host.one(), 1, {.key = "b"}))), "fine");
  EXPECT_TRUE(host.running) << "one was to be kept";
  EXPECT_EQ(because(run(host.platform->stop(host.one(), 0, {.key = "c"}))), "fine");
  EXPECT_FALSE(host.running);
}

TEST(CommandPlatform, SaysWhatStatusSays) {
  Host host;
  EXPECT_THAT(run(host.platform->healthy(host.one(), {.key = "a"})).error().message,
              HasSubstr("exit 3 after 0s: inactive"));
  host.options.start = "true";
  host.make();
  auto begin = host.clock.now();
  EXPECT_FALSE(run(host.platform->start(host.one(), 1, {.key = "b"})));
  EXPECT_GE(host.clock.now() - begin, 30s);
}

TEST(CommandPlatform, AStatusThatCannotBeAskedIsNotThatNothingRuns) {
  Host host;
  for (auto end :
       {ports::CommandEnd{.timed_out = true}, ports::CommandEnd{.signal = 9}, ports::CommandEnd{.exit_code = 127}}) {
    host.process.answer = [end](auto&) { return end; };
    auto said = run(host.platform->instances(host.one(), {}));
    ASSERT_FALSE(said);
    EXPECT_THAT(said.error().message, HasSubstr("could not be asked"));
  }
}

TEST(CommandPlatform, WhatHangsIsEndedWhenItShouldHaveBeenUp) {
  Host host;
  EXPECT_EQ(because(run(host.platform->start(host.one(), 1, {.key = "a"}))), "fine");
  EXPECT_EQ(host.process.launched.at("a-start").timeout, 30s);
}

TEST(CommandPlatform, WithEndpointsReleasesStandSideBySide) {
  Host host;
  host.options.endpoints = "where";
  host.make();
  auto up = run(host.platform->start(host.one(), 2, {.key = "a"}));
  ASSERT_EQ(up->size(), 2u);
  EXPECT_EQ(up->at(1).address, "10.0.0.2:80");
  EXPECT_EQ(up->at(1).index, 1);
}

TEST(CommandPlatform, ReadsEndpointsOfAllReleases) {
  auto all = endpoints_of("1.1.1.1:1 a\n1.1.1.1:2 b\n\n1.1.1.1:3 a\n", "");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->at(2).release, "a");
  EXPECT_EQ(all->at(2).index, 1);
  EXPECT_EQ(endpoints_of("1.1.1.1:1 a\n1.1.1.1:2 b\n", "b")->size(), 1u);
  EXPECT_FALSE(endpoints_of("nothing here\n", ""));
}

}  // namespace
}  // namespace davy::providers
