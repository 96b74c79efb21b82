#include "providers/router/command.h"

#include <gmock/gmock.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

struct Balancer : World {
  Balancer() {
    process.answer = [this](auto& spec) {
      auto& env = spec.env;
      if (spec.argv.at(2) == "move" && !stuck) {
        shares = {{env.at("release"), std::stod(env.at("share"))}};
        if (!env.at("rest").empty()) shares[env.at("rest")] = 100 - std::stod(env.at("share"));
      }
      std::string out;
      for (auto& [release, share] : shares) out += release + " " + std::to_string(share) + "%\n";
      return ports::CommandEnd{.exit_code = 0, .output = out};
    };
    router = command_router({.shift = "move", .read = "look"}, outside, {"shop", "production", ""});
  }
  std::map<std::string, double> shares{{"shop@1", 100}};
  bool stuck = false;
  std::unique_ptr<ports::Router> router;
};

TEST(CommandRouter, ShiftsAndRestores) {
  Balancer b;
  auto found = run(b.router->read({}, {}));
  ASSERT_EQ(because(run(b.router->shift("shop@2", Ratio{.05}, "shop@1", {}, {.key = "a1"}))), "fine");
  EXPECT_THAT(b.shares, ElementsAre(Pair("shop@1", 95), Pair("shop@2", 5)));
  ASSERT_EQ(because(run(b.router->restore(*found, {}, 0s, {.key = "a2"}))), "fine");
  EXPECT_THAT(b.shares, ElementsAre(Pair("shop@1", 100)));
}

TEST(CommandRouter, ToldBySecretsVariablesAndDirectoryOfTheStep) {
  Balancer b;
  ports::Asking who{
      .key = "a1", .variables = {{"version", "2"}}, .secrets = {{"LB_TOKEN", {"LB_TOKEN"}}}, .directory = "/plans"};
  ASSERT_EQ(because(run(b.router->shift("shop@2", Ratio{.05}, "shop@1", {}, who))), "fine");
  auto& acted = b.process.launched.at("a1-shift");
  EXPECT_EQ(acted.env.at("version"), "2");
  EXPECT_TRUE(acted.secret_env.contains("LB_TOKEN"));
  EXPECT_EQ(acted.cwd, "/plans");
  EXPECT_EQ(b.process.launched.size(), 1u) << "`read` is a question: it is asked, and leaves nothing";
}

// `read` need not name who has no users; the way back gives them to that release all the same.
TEST(CommandRouter, KnowsWhoHasNoUsersFromThePlatform) {
  Balancer b;
  b.shares = {{"shop@2", 100}};
  std::vector<ports::Endpoint> all{{.release = "shop@1", .alive = true}, {.release = "shop@2", .alive = true}};
  auto now = run(b.router->read(all, {}));
  ASSERT_TRUE(now);
  auto home = std::ranges::find(*now, "shop@1", &ports::Served::release);
  ASSERT_NE(home, now->end());
  EXPECT_EQ(home->weight, 0);
  home->weight = 256;
  ASSERT_EQ(because(run(b.router->restore({*home}, all, 0s, {.key = "a1"}))), "fine");
  EXPECT_THAT(b.shares, ElementsAre(Pair("shop@1", 100)));
}

TEST(CommandRouter, NeverForgets) {
  EXPECT_EQ(Balancer().router->forgets(), Duration::max()) << "nobody calls the user's commands between two steps";
}

TEST(CommandRouter, BelievesOnlyWhatReadSays) {
  Balancer b;
  b.stuck = true;
  EXPECT_EQ(run(b.router->shift("shop@2", Ratio{.05}, "shop@1", {}, {.key = "a1"})).error().message,
            "shop@2 was to get 5% of the users, `read` says 0%");
}

TEST(CommandRouter, RefusesMaintenanceThatItCannotSwitch) {
  Balancer b;
  EXPECT_EQ(run(b.router->maintenance(true, "", {})).error().code, Code::refused);
}

TEST(CommandRouter, HasAWayBackAsData) {
  Balancer b;
  ports::Asking who{.variables = {{"version", "1"}}, .secrets = {{"T", {"LB_TOKEN"}}}, .directory = "/plans"};
  auto way = run(b.router->way_back({"", "shop@1"}, {{"shop@1", 0, ""}, {"shop@2", 0, ""}}, who));
  ASSERT_EQ(because(way), "fine");
  auto& move = way->at(0);
  EXPECT_THAT(move.acts.at(0).argv, ElementsAre("/bin/sh", "-c", "move"));
  EXPECT_THAT(move.proof.argv, ElementsAre("/bin/sh", "-c", "look"));
  EXPECT_THAT(move.acts[0].env,
              ElementsAre(Pair("environment", "production"), Pair("release", "shop@1"), Pair("rest", ""),
                          Pair("service", "shop"), Pair("share", "100"), Pair("version", "1")));
  for (auto& act : {move.acts[0], move.proof}) {
    EXPECT_EQ(act.cwd, "/plans");
    EXPECT_EQ(act.secret_env.at("T").name, "LB_TOKEN");
  }
  EXPECT_THAT(move.expect, ElementsAre("^[[:blank:]]*(shop@1)[[:blank:]]+(99|100)(\\.[0-9]+)?%?[[:blank:]]*$"));
  EXPECT_THAT(move.lacks,
              ElementsAre("^[[:blank:]]*(shop@2)[[:blank:]]+([2-9]|[1-9][0-9]|100)(\\.[0-9]+)?%?[[:blank:]]*$"));
}

TEST(CommandRouter, SaysWhatItCannotRead) {
  EXPECT_THAT(shares_of("hello world\n").error().message, HasSubstr("`hello world`"));
  EXPECT_FALSE(shares_of("a 101\n"));
  EXPECT_EQ(shares_of("a 25%\nb 75\n")->at(1).weight, 75);
}

}  // namespace
}  // namespace davy::providers
