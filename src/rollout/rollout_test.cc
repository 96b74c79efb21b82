// What the order of a runbook promises about its way back.
#include "rollout/rollout.h"

#include <gmock/gmock.h>

#include "judge/numbers/series.h"
#include "plan/words/words_testing.h"

namespace davy::rollout {
namespace {

constexpr std::string_view kInPlace = R"(
davy: 1
services:
  shop: { process: ./shop, router: { haproxy: /run/ha.sock, backend: shop } }
environments: { production: { url: http://shop.local } }
secrets: [DATABASE_URL]
maintenance: { router: on }
rollout:
  - maintenance: on
  - stop
  - start
  - verify:
      Closed: { http: "${url}/", expect: status = 503 }
  - maintenance: off
  - verify:
      Healthy: { http: "${url}/health", expect: status = 200 }
)";

std::size_t place(const run::Runbook& book, std::string_view path) {
  auto it = std::ranges::find_if(book.steps, [&](auto& s) { return s.path.ends_with(path); });
  return static_cast<std::size_t>(it - book.steps.begin());
}

// Undone newest first: what stands before `maintenance on` is proven after users were let in again.
TEST(Rollout, ARollbackVerifiesWhatUsersSeeOnceTheyAreBack) {
  auto parsed = plan::parse(kInPlace, plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  Request request{"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}};
  auto book = expand(parsed.plan, request);
  ASSERT_TRUE(book) << book.error().message;
  auto on = place(*book, "maintenance on");
  ASSERT_LT(on, book->steps.size());
  EXPECT_LT(place(*book, "return/Healthy"), on);
  EXPECT_GT(place(*book, "return/Closed"), on);
  EXPECT_GT(place(*book, "return/shop is healthy"), on) << "nobody is let in to a release that is not healthy";
}

TEST(Rollout, ACheckMayExpectTheVersionThatIsShippedAndOnTheWayBackTheOneBefore) {
  std::string text(kInPlace);
  text.replace(text.find("expect: status = 200"), 20, "json: version, expect: 'value is \"${version}\"'");
  auto parsed = plan::parse(text, plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  auto book = expand(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}});
  ASSERT_TRUE(book) << book.error().message;
  auto expects = [](const run::Call& call) { return spec::to_json(*call.args.find("expect")).dump(); };
  EXPECT_EQ(expects(book->steps[place(*book, "verify/Healthy")].call), R"(["value is \"2\""])");
  EXPECT_EQ(expects(book->steps[place(*book, "return/Healthy")].undo.call), R"(["value is \"1\""])");
}

// Where two can run at once, on the same files and data, going back begins with the previous release.
run::Runbook in_place(std::string_view steps, std::string_view options = "") {
  auto text = std::string(kInPlace.substr(0, kInPlace.find("  - maintenance: on"))) + std::string(steps);
  text.replace(text.find("process: ./shop"), 15, "process: ./shop" + std::string(options));
  auto parsed = plan::parse(text, plan::words::vocabulary());
  EXPECT_TRUE(parsed.mistakes.empty()) << text;
  auto as = spec::object({{"instances", {}, spec::number(2)}});
  auto book = expand(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1", as}}}});
  EXPECT_TRUE(book) << book.error().message;
  return *book;
}

bool first_on_the_way_back(const run::Runbook& book) { return book.steps[place(book, "shop/stop")].beside; }

TEST(Rollout, InPlaceThePreviousReleaseComesBackBesideTheCandidateWhereBothCanRun) {
  EXPECT_TRUE(first_on_the_way_back(in_place("  - stop\n  - start\n")));
  EXPECT_TRUE(first_on_the_way_back(in_place("  - stop\n  - run: ./warm\n    undo: nothing\n  - start\n")));
  EXPECT_FALSE(first_on_the_way_back(in_place("  - stop\n  - run: ./convert\n    undo: ./back\n  - start\n")))
      << "what was done while nobody ran is taken back while nobody runs";
  EXPECT_FALSE(first_on_the_way_back(in_place("  - stop\n  - migrate: ./up\n    undo: ./down\n  - start\n")));
  EXPECT_TRUE(first_on_the_way_back(
      in_place("  - migrate: ./up\n    undo: ./down\n    compatible-with-previous: true\n  - stop\n  - start\n")));
  EXPECT_FALSE(first_on_the_way_back(in_place("  - stop\n  - release: [ run: ./fetch ]\n  - start\n")))
      << "one slot of files";
  EXPECT_FALSE(first_on_the_way_back(in_place("  - stop\n  - start\n", ", one-at-a-time: on")));
  EXPECT_FALSE(first_on_the_way_back(in_place("  - stop\n  - start\n", ", ports: 8080-8081")))
      << "two instances, and one of the candidate's";
  EXPECT_TRUE(first_on_the_way_back(in_place("  - stop\n  - start\n", ", ports: 8080-8082")));
}

TEST(Rollout, ARestartStartsTheCandidateFirstWhereBothCanRun) {
  auto book = in_place("  - restart\n");
  EXPECT_LT(place(book, "shop/start"), place(book, "shop/traffic"));
  EXPECT_LT(place(book, "shop/traffic"), place(book, "retire/shop/stop"));
  auto alone = in_place("  - restart\n", ", one-at-a-time: on");
  EXPECT_LT(place(alone, "shop/stop"), place(alone, "shop/start"));
}

TEST(Rollout, AFolderOfMigrationsIsLookedUpAndGoesBackByItsWaysDown) {
  auto book = in_place(
      "  - migrate: /srv/${version}/migrations\n    database: $DATABASE_URL\n    adopt: \"0012\"\n  - restart\n");
  auto& step = book.steps[place(book, "/srv/2/migrations")];
  EXPECT_EQ(
      spec::to_json(step.call.args).dump(),
      R"({"database":"$DATABASE_URL","lock-timeout":"500ms","folder":"/srv/2/migrations","adopt":"0012","down":true})");
  EXPECT_EQ(step.call.name, "migrations");
  EXPECT_EQ(step.undo.kind, run::UndoKind::call);
  EXPECT_EQ(step.undo.call.operation, "down");
  EXPECT_EQ(step.undo.call.args.find("folder")->text()[0], "/srv/2/migrations")
      << "the ways down lie with the candidate";
  EXPECT_TRUE(step.repeatable && step.data);
}

TEST(Rollout, ACommandThatMigratesMayStandUnderALockTimeout) {
  auto book = in_place("  - migrate: { command: ./up }\n    database: $DATABASE_URL\n    undo: ./down\n  - restart\n");
  auto& step = book.steps[place(book, "./up")];
  EXPECT_EQ(step.call.name, "");
  EXPECT_EQ(spec::to_json(step.call.args).dump(),
            R"({"text":"./up","database":"$DATABASE_URL","lock-timeout":"500ms"})");
  EXPECT_EQ(spec::to_json(step.undo.call.args).dump(),
            R"({"text":"./down","database":"$DATABASE_URL","lock-timeout":"500ms"})");
  EXPECT_FALSE(step.repeatable);
}

constexpr std::string_view kCanary = R"(
davy: 1
services:
  shop: { process: ./shop, router: { haproxy: /run/ha.sock, backend: shop } }
environments: { production: { url: http://shop.local } }
signals: { traffic: { haproxy: /run/log.sock } }
rollout:
  - run: ./announce
    undo: nothing
    optional: true
  - canary:
      - { traffic: 5%, bake: 10m }
      - { traffic: 25%, bake: 20s }
      - { traffic: 100%, bake: 30m, pass: error_rate < 1% for 90s }
  - run: ./tell-everybody
    undo: nothing
judge: { roll-back: error_rate over 30s > 5% for 20s }
)";

run::Runbook canary_of(bool first_release, bool urgent, std::string_view more = "") {
  auto parsed = plan::parse(std::string(kCanary) + std::string(more), plan::words::vocabulary());
  EXPECT_TRUE(parsed.mistakes.empty());
  run::Subject shop{"shop", {"2", "shop@2"}, {}};
  if (!first_release) shop.previous = {"1", "shop@1"};
  auto book = expand(parsed.plan, {"production", "2", "r", {shop}, urgent});
  EXPECT_TRUE(book) << book.error().message;
  return *book;
}

std::vector<std::string> bakes(const run::Runbook& book) {
  std::vector<std::string> out;
  for (auto& step : book.steps)
    if (step.call.port == "bake")
      out.push_back(step.path + " " + human(spec::decoded<Duration>(*step.call.args.find("for"), "for").value()));
  return out;
}

TEST(Rollout, AFirstReleaseHasNoSharesForNobodyHasTheRest) {
  EXPECT_THAT(bakes(canary_of(true, false)), testing::ElementsAre("rollout/canary/100%/bake 30m"));
}

// A router that was told to give it a tenth would send the others nowhere.
TEST(Rollout, AFirstReleaseIsNeverGivenLessThanAllUsers) {
  auto shares = [](run::Release previous) {
    std::string text(kCanary);
    auto canary = text.find("  - canary:"), behind = text.find("  - run: ./tell-everybody");
    text.replace(canary, behind - canary, "  - start\n  - traffic: 10%\n  - traffic: 100%\n");
    auto parsed = plan::parse(text, plan::words::vocabulary());
    EXPECT_TRUE(parsed.mistakes.empty());
    auto book = expand(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, previous}}});
    EXPECT_TRUE(book) << book.error().message;
    std::vector<double> out;
    for (auto& step : book->steps)
      if (step.call.operation == "shift")
        out.push_back(spec::decoded<Ratio>(*step.call.args.find("share"), "share").value().value);
    return out;
  };
  EXPECT_THAT(shares({}), testing::ElementsAre(1));
  EXPECT_THAT(shares({"1", "shop@1"}), testing::ElementsAre(0.1, 1));
}

// Nor is it brought up twice.
TEST(Rollout, AStartBeforeSharesGivesNoUsers) {
  std::string text(kCanary);
  text.insert(text.find("  - run: ./announce"), "  - start\n");
  auto parsed = plan::parse(text, plan::words::vocabulary());
  EXPECT_TRUE(parsed.mistakes.empty());
  auto book = expand(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}});
  ASSERT_TRUE(book) << book.error().message;
  std::vector<std::string> done;
  for (auto& step : book->steps)
    if (step.call.operation == "start" || step.call.operation == "shift") done.push_back(step.path);
  EXPECT_THAT(done, testing::ElementsAre("rollout/shop/start", "rollout/canary/5%/traffic",
                                         "rollout/canary/25%/traffic", "rollout/canary/100%/traffic"));
}

TEST(Rollout, WhatReplacesByItselfIsShippedInOneStepThatExposes) {
  auto parsed = plan::parse(R"(
davy: 1
services: { api: { replace: ./deploy, progress: ./how-far, status: ./healthy } }
environments: { production: { url: http://api.local } }
rollout: [ { ship: api, timeout: 5m } ]
)",
                            plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  auto book = expand(parsed.plan, {"production", "2", "r", {{"api", {"2", "api@2"}, {"1", "api@1"}}}});
  ASSERT_TRUE(book) << book.error().message;
  auto& ship = book->steps[place(*book, "api/ship")];
  EXPECT_TRUE(ship.exposes());
  EXPECT_EQ(ship.timeout, std::chrono::minutes(5));
  EXPECT_TRUE(ship.undo.call.brings_home());
  EXPECT_GT(place(*book, "api/serves"), place(*book, "api/ship"));
  auto first = expand(parsed.plan, {"production", "1", "r", {{"api", {"1", "api@1"}, {}}}});
  EXPECT_EQ(first->steps[place(*first, "api/ship")].undo.call.operation, "stop") << "nothing is there to go back to";
}

TEST(Rollout, AnUrgentRunBakesAsLongAsItsConditionsNeedAndLeavesOutWhatIsOptional) {
  auto book = canary_of(false, true);
  EXPECT_THAT(bakes(book), testing::ElementsAre("rollout/canary/5%/bake 50s", "rollout/canary/25%/bake 20s",
                                                "rollout/canary/100%/bake 1m 30s"));
  EXPECT_EQ(place(book, "./announce"), book.steps.size());
  EXPECT_LT(place(book, "./tell-everybody"), book.steps.size());
  for (auto& step : book.steps)
    if (step.call.port == "bake")
      EXPECT_EQ(book.steps[static_cast<std::size_t>(step.phase)].call.operation, "shift") << step.path;
  EXPECT_TRUE(book.urgent);
}

TEST(Rollout, OpenRequestsMayTakeAsLongAsThePlanSaysForwardAndBack) {
  std::string text(kCanary);
  text.replace(text.find("  - run: ./tell-everybody"), 0, "    drain-within: 2m\n");
  auto parsed = plan::parse(text, plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  auto book = expand(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}});
  ASSERT_TRUE(book) << book.error().message;
  auto within = [&](const run::Call& call) { return spec::decoded<Duration>(*call.args.find("within"), "within"); };
  EXPECT_EQ(within(book->steps[place(*book, "5%/traffic")].undo.call), std::chrono::minutes(2));
  EXPECT_EQ(within(book->steps[place(*book, "shop/drain")].call), std::chrono::minutes(2));
  EXPECT_EQ(within(book->steps[place(*book, "home/shop")].undo.call), std::chrono::minutes(2));
}

TEST(Rollout, AStepIsCalledAsThePlanCallsIt) {
  std::string text(kCanary);
  text.replace(text.find("    undo: nothing"), 0, "    name: Tell support\n");
  auto parsed = plan::parse(text, plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  auto book = expand(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}});
  ASSERT_TRUE(book) << book.error().message;
  EXPECT_EQ(book->steps[place(*book, "rollout/Tell support")].says, "run: Tell support");
}

TEST(Rollout, RefusesWhatIsNoVersion) {
  auto parsed = plan::parse(std::string(kCanary), plan::words::vocabulary());
  auto said = [&](std::string version) {
    auto book = expand(parsed.plan, {"production", version, "r", {{"shop", {version, "shop@x"}, {"1", "shop@1"}}}});
    return book ? "fine" : book.error().message;
  };
  EXPECT_EQ(said("2.1.0-rc+7"), "fine");
  EXPECT_EQ(said(""), "the version is empty: is a variable of your script not set?");
  EXPECT_EQ(said(" "), said(""));
  EXPECT_EQ(said("-rf"), "a version cannot begin with `-`");
  for (auto odd : {"1 2", "1\n", "1\033[31m", "1\x7f"})
    EXPECT_EQ(said(odd), "a version has neither blanks nor control characters") << odd;
  EXPECT_EQ(said(std::string(129, '1')), "a version has at most 128 bytes, this one has 129");
}

TEST(Rollout, APlanMayRefuseToBeHurried) {
  auto parsed = plan::parse(std::string(kCanary) + "urgent: no\n", plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  auto book = expand(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}, true});
  ASSERT_FALSE(book);
  EXPECT_EQ(book.error().code, Code::refused);
}

TEST(Rollout, AProbeThatTakesSoLongGetsTheTimeForIt) {
  std::string text(kInPlace);
  text.replace(text.find("Healthy: {"), 0, "Stays: { tcp: \"localhost:1\", for: 5m }\n      ");
  auto parsed = plan::parse(text, plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  auto book = expand(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}});
  ASSERT_TRUE(book) << book.error().message;
  auto timeout = [&](std::string_view path) { return book->steps[place(*book, path)].timeout; };
  EXPECT_EQ(timeout("Stays") - timeout("Healthy"), std::chrono::minutes(5));
}

constexpr std::string_view kInSomeEnvironments = R"(
davy: 1
services: { shop: { process: ./shop } }
environments: { production: { url: http://shop }, staging: { url: http://s } }
checks:
  before:
    Room: { disk: /, degraded: free < 20 GB }
    Replica: { tcp: "db2:5432", only-in: production }
    Lead: { confirm: lead, only-in: [production] }
rollout:
  - check: before
  - restart
  - verify:
      Up: { http: "${url}", within: 2m, timeout: 5s }
      Cdn: { http: "${url}/cdn", only-in: production }
)";

run::Runbook in(const char* environment) {
  auto parsed = plan::parse(kInSomeEnvironments, plan::words::vocabulary());
  EXPECT_TRUE(parsed.mistakes.empty());
  auto book = expand(parsed.plan, {environment, "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}});
  EXPECT_TRUE(book) << book.error().message;
  return *book;
}

TEST(Rollout, WhatIsInOtherEnvironmentsOnlyIsNoStep) {
  auto there = in("production"), here = in("staging");
  EXPECT_LT(place(there, "Replica"), there.steps.size());
  EXPECT_EQ(place(here, "Replica"), here.steps.size());
  EXPECT_EQ(place(here, "return/Cdn"), here.steps.size()) << "nor is it proven on the way back";
}

constexpr std::string_view kSecrets = R"(
davy: 1
services:
  shop: { process: ./shop, secrets: [DATABASE_URL], router: { haproxy: /run/ha.sock, backend: shop } }
environments: { production: { url: http://shop.local }, staging: { url: http://staging.local } }
secrets: [DATABASE_URL, STRIPE_KEY, ADMIN]
rollout:
  - run: ./announce
    undo: nothing
    secrets: []
  - run: ./tell-the-customers
    undo: nothing
    only-in: production
  - restart
  - verify:
      Up: { command: ./up, secrets: [ADMIN] }
      Open: { command: ./open }
)";

TEST(Rollout, SecretsReachOnlyWhatNamesThem) {
  auto parsed = plan::parse(kSecrets, plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  auto book = *expand(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}});
  using Names = std::vector<std::string>;
  EXPECT_EQ(book.steps[place(book, "announce")].secrets, Names{});
  EXPECT_EQ(book.steps[place(book, "verify/Up")].secrets, Names{"ADMIN"});
  EXPECT_FALSE(book.steps[place(book, "verify/Open")].secrets) << "all of them";
  EXPECT_EQ(book.setup.service("shop")->secrets, Names{"DATABASE_URL"});
}

TEST(Rollout, AStepOfOtherEnvironmentsIsNotThere) {
  auto parsed = plan::parse(kSecrets, plan::words::vocabulary());
  for (auto environment : {"production", "staging"}) {
    auto book = *expand(parsed.plan, {environment, "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}});
    EXPECT_EQ(place(book, "tell-the-customers") < book.steps.size(), environment == std::string("production"));
  }
}

TEST(Rollout, ChecklistsAloneShowWhatIsElsewhere) {
  auto parsed = plan::parse(kInSomeEnvironments, plan::words::vocabulary());
  auto book = checklists(parsed.plan, {"staging", "2", "r", {{"shop", {"2", "shop@2"}, {}}}}, {});
  ASSERT_TRUE(book);
  ASSERT_EQ(book->steps.size(), 3u);
  EXPECT_EQ(book->steps[1].path, "rollout/check/before/Replica");
  EXPECT_EQ(book->steps[1].call.port, "elsewhere");
  EXPECT_EQ(book->steps[2].says, "only in production");
}

TEST(Rollout, WhatIsAskedAgainGetsTheTimeForItAndIsTriedOnce) {
  auto book = in("production");
  auto& up = book.steps[place(book, "verify/Up")];
  EXPECT_EQ(up.timeout, std::chrono::seconds(125));
  EXPECT_EQ(up.tries, 1);
  EXPECT_EQ(book.steps[place(book, "return/Up")].tries, 1);
  EXPECT_EQ(spec::to_json(*book.steps[place(book, "before/Room")].call.args.find("degraded")).dump(),
            R"(["free < 20 GB"])");
}

TEST(Rollout, AConditionThatMustHoldForSoLongGetsTheTimeForIt) {
  std::string text(kInPlace);
  text.replace(text.find("expect: status = 200"), 20, "expect: status = 200 for 5m");
  auto parsed = plan::parse(text, plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  auto book = expand(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}});
  ASSERT_TRUE(book) << book.error().message;
  EXPECT_GT(book->steps[place(*book, "Healthy")].timeout, std::chrono::minutes(5));
}

// Else a rule on it would read requests, and never the signal.
TEST(Rollout, NoSignalIsCalledAsWhatRulesReadOfRequests) {
  for (auto& series : judge::traffic_series()) {
    std::string text(kInPlace);
    text += "signals: { " + std::string(series.name) + ": { http: http://localhost/count } }\n";
    EXPECT_FALSE(plan::parse(text, plan::words::vocabulary()).mistakes.empty()) << series.name;
  }
}

TEST(Rollout, WhatIsWatchedAfterItIsPartOfTheRunbookAndTakesNothingBack) {
  constexpr std::string_view kWatched = R"(
davy: 1
services: { shop: { process: ./shop } }
environments: { production: { timezone: Europe/Berlin }, staging: }
checks: { daily: { Front: { http: "http://localhost/" }, Back: { http: "http://localhost/back" } } }
rollout: [ restart ]
watch:
  - { check: daily, after: 5m, on-trouble: roll-back }
  - { run: ./rotate, every: day, at: 06:00, only-in: production }
)";
  auto parsed = plan::parse(kWatched, plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  Request request{"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}};
  auto book = expand(parsed.plan, request);
  ASSERT_TRUE(book) << book.error().message;
  ASSERT_EQ(book->watch.size(), 2u);
  EXPECT_EQ(book->zone, "Europe/Berlin");
  EXPECT_EQ(book->watch[0].steps.size(), 2u);
  EXPECT_EQ(book->watch[0].steps[0].wave, book->watch[0].steps[1].wave) << "side by side";
  EXPECT_TRUE(book->watch[0].when.dated);
  EXPECT_FALSE(book->watch[1].when.dated);
  ASSERT_EQ(book->watch[1].steps.size(), 1u) << "no proofs of a way back";
  EXPECT_TRUE(book->watch[1].steps[0].changes());
  EXPECT_EQ(book->watch[1].steps[0].undo.kind, run::UndoKind::nothing);
  EXPECT_EQ(place(*book, "checks/daily/Front"), book->steps.size()) << "the rollout itself is as it was";
  request.environment = "staging";
  EXPECT_EQ(expand(parsed.plan, request)->watch.size(), 1u);
}

}  // namespace
}  // namespace davy::rollout
