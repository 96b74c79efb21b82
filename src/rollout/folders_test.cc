// Where in a rollout a release's folder is made, and where `current` changes.
#include <gmock/gmock.h>

#include "plan/words/words_testing.h"
#include "rollout/rollout.h"

namespace davy::rollout {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kReleases =
    "releases: { at: /srv/shop, from: { git: /repo }, prepare: [ run: npm ci ], shared: .env, keep: 3 }";

constexpr std::string_view kRest = R"(
environments: { production: { url: http://shop.local } }
maintenance: { router: on }
signals: { traffic: { haproxy: /run/log.sock } }
checks: { before: { Up: { tcp: "here:1" } } }
rollout:
  - check: before
)";

run::Release previous() { return {.version = "1", .id = "shop@1~20260101-100000-abc", .as = spec::object({})}; }

run::Runbook book(const std::string& service, const std::string& steps, run::Release before = previous()) {
  auto text = "davy: 1\nservices:\n  shop: { " + service + ", router: { haproxy: /run/ha.sock, backend: shop } }" +
              std::string(kRest) + steps;
  auto parsed = plan::parse(text, plan::words::vocabulary());
  for (auto& m : parsed.mistakes.sorted()) ADD_FAILURE() << m.found << "; expected " << m.expected;
  Request request{.environment = "production",
                  .version = "2",
                  .run = "20260202-100000-abc",
                  .subjects = {{"shop", {"2", "shop@2~20260202-100000-abc"}, std::move(before)}},
                  .home = "/home/ann"};
  auto out = expand(parsed.plan, request);
  EXPECT_TRUE(out) << to_string(out.error());
  return *out;
}

std::vector<std::string> acting(const run::Runbook& book) {
  std::vector<std::string> out;
  for (auto& step : book.steps)
    if (!step.call.nothing()) out.push_back(step.path.substr(std::string("rollout/").size()));
  return out;
}

const run::Step& step(const run::Runbook& book, std::string_view path) {
  static const run::Step kNone{};
  for (auto& one : book.steps)
    if (one.path.ends_with(path)) return one;
  ADD_FAILURE() << "no step " << path;
  return kNone;
}

std::string argument(const run::Call& call, std::string_view key) {
  auto value = call.args.find(key);
  return value ? spec::scalar_text(*value).value_or("") : "";
}

std::string in_place() { return "systemd: shop, " + std::string(kReleases); }
std::string beside() { return "process: ./shop, " + std::string(kReleases); }

TEST(Folders, InPlaceTheReleaseIsMadeBeforeAnythingStopsAndCurrentChangesBetweenStopAndStart) {
  auto all = book(in_place(), "  - maintenance: on\n  - stop\n  - start\n  - maintenance: off\n");
  EXPECT_THAT(acting(all),
              ElementsAre("check/before/Up", "shop/releases/runs from it", "shop/releases/fetch",
                          "shop/releases/shared", "shop/releases/npm ci", "shop/releases/whole", "maintenance on",
                          "shop/drain", "shop/detach", "shop/stop", "shop/current", "shop/start", "shop/attach",
                          "shop/traffic", "maintenance off", "shop/serves", "shop/releases/keep"));
}

TEST(Folders, SideBySideCurrentFollowsWhenTheOneBeforeIsGone) {
  auto all = acting(book(beside(), "  - blue-green: { bake: 1m }\n"));
  auto at = [&](std::string_view path) { return std::ranges::find(all, path) - all.begin(); };
  EXPECT_LT(at("shop/releases/whole"), at("blue-green/shop/start"));
  EXPECT_EQ(at("shop/current"), at("retire/shop/stop") + 1);
}

TEST(Folders, TheMakingRefusesAndNeverTakesBack) {
  for (auto& one : book(in_place(), "  - restart\n").steps)
    if (one.path.contains("/releases/")) {
      EXPECT_FALSE(one.changes()) << one.path;
      EXPECT_TRUE(one.repeatable) << one.path;
      EXPECT_EQ(one.undo.kind, run::UndoKind::nothing) << one.path;
    }
}

TEST(Folders, EachRunMakesItsOwnAndTheReleaseCarriesIt) {
  auto all = book(beside(), "  - restart\n");
  EXPECT_EQ(all.subjects[0].candidate.folder, "/srv/shop/folders/2~20260202-100000-abc");
  EXPECT_EQ(all.variables(0, run::Side::candidate).at("folder"), all.subjects[0].candidate.folder);
  EXPECT_EQ(argument(step(all, "npm ci").call, "cwd"), all.subjects[0].candidate.folder);
}

TEST(Folders, OnTheWayBackCurrentLeadsToThePreviousReleasesOwn) {
  auto was = previous();
  was.folder = "/srv/shop/folders/1~20260101-100000-abc";
  auto all = book(in_place(), "  - restart\n", was);
  auto& current = step(all, "shop/current");
  EXPECT_TRUE(current.changes());
  EXPECT_EQ(argument(current.call, "target"), "releases/2~20260202-100000-abc");
  EXPECT_EQ(current.undo.call.operation, "back");
  EXPECT_EQ(argument(current.undo.call, "target"), "releases/1~20260101-100000-abc");
  EXPECT_EQ(argument(step(all, "shop/start").call, "at"), "/srv/shop");
  EXPECT_EQ(argument(step(all, "shop/stop").undo.call, "at"), "/srv/shop");
}

TEST(Folders, APreviousReleaseElsewhereIsLedToWhereItIs) {
  auto was = previous();
  was.folder = "/srv/old/folders/1~20260101-100000-abc";
  EXPECT_EQ(argument(step(book(in_place(), "  - restart\n", was), "shop/current").undo.call, "target"), was.folder);
}

TEST(Folders, OneThatNobodyKnowsIsLedBackToAsItWasFound) {
  auto all = book(in_place(), "  - restart\n");
  EXPECT_EQ(step(all, "shop/current").undo.call.args.find("target"), nullptr);
}

TEST(Folders, WhatRanBeforeIsTakenOverOnceUnderItsOwnName) {
  run::Release was{.version = "v1", .id = "shop@v1~adopted"};
  auto all = book(in_place() + ", adopt: ~/app", "  - restart\n", was);
  EXPECT_EQ(acting(all)[1], "shop/releases/adopt");
  EXPECT_EQ(argument(step(all, "adopt").call, "adopt"), "/home/ann/app");
  EXPECT_EQ(argument(step(all, "adopt").call, "name"), "v1~adopted");
  EXPECT_EQ(all.subjects[0].previous.folder, "/home/ann/app");
  EXPECT_EQ(argument(step(all, "shop/current").undo.call, "target"), "releases/v1~adopted");
  auto later = previous();
  later.folder = "/srv/shop/folders/1~20260101-100000-abc";
  EXPECT_EQ(acting(book(in_place() + ", adopt: ~/app", "  - restart\n", later))[1], "shop/releases/runs from it");
}

TEST(Folders, AFirstReleaseHasNowhereToBeLedBackTo) {
  auto all = book(in_place(), "  - stop\n  - start\n", {});
  EXPECT_EQ(step(all, "shop/current").undo.call.args.find("target"), nullptr);
}

TEST(Folders, AFolderMayBeFilledByACommandOrAnArchive) {
  auto command = book("systemd: shop, releases: { at: /srv/shop, from: { command: ./fill } }", "  - restart\n");
  EXPECT_EQ(argument(step(command, "releases/fetch").call, "text"), "./fill");
  EXPECT_EQ(argument(step(command, "releases/fetch").call, "cwd"), command.subjects[0].candidate.folder);
  EXPECT_EQ(step(command, "releases/begin").call.operation, "begin");
  auto archive = book(
      "systemd: shop, releases: { at: /srv/shop, from: { archive: \"/b/${version}.tgz\", sha256: "
      "\"/b/${version}.sum\" } }",
      "  - restart\n");
  EXPECT_EQ(argument(step(archive, "releases/fetch").call, "archive"), "/b/2.tgz");
  EXPECT_EQ(argument(step(archive, "releases/fetch").call, "sha256"), "/b/2.sum");
}

TEST(Folders, MigrationsMayRunInTheNewOne) {
  auto all = book(in_place(), "  - stop\n  - migrate: ./up\n    cwd: ${folder}/db\n    undo: ./down\n  - start\n");
  EXPECT_EQ(argument(step(all, "migrate/./up").call, "cwd"), "/srv/shop/folders/2~20260202-100000-abc/db");
}

TEST(Folders, ServicesWithoutAreAsTheyWere) {
  auto all = book("systemd: shop", "  - restart\n");
  for (auto& one : all.steps) EXPECT_NE(one.call.port, "folder") << one.path;
  EXPECT_EQ(step(all, "shop/start").call.args.find("at"), nullptr);
  EXPECT_TRUE(all.subjects[0].candidate.folder.empty());
}

}  // namespace
}  // namespace davy::rollout
