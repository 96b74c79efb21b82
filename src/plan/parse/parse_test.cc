#include <gtest/gtest.h>

#include "plan/plan.h"
#include "plan/words/words_testing.h"

namespace davy::plan {
namespace {
using namespace std::chrono_literals;

constexpr std::string_view kHead = R"(davy: 1
services:
  shop:
    process: ./shop
    instances: 2
    router: { haproxy: /run/ha.sock, backend: shop }
environments:
  production: { url: http://localhost, variables: { release: 1.10 } }
)";

constexpr std::string_view kSignals = R"(
signals: { traffic: { haproxy: /run/ha.log }, connections: { command: ./connections } }
)";

Plan good(std::string rest) {
  if (!rest.contains("signals:")) rest += kSignals;
  auto parsed = parse(std::string(kHead) + rest, words::vocabulary());
  for (auto& mistake : parsed.mistakes.sorted()) ADD_FAILURE() << spec::line_of(mistake, "davy.yaml");
  return std::move(parsed.plan);
}

template <class T>
T only_step(std::string step) {
  auto plan = good("rollout:\n" + step + "  - restart\n");
  EXPECT_EQ(plan.rollout.size(), 2u);
  return std::get<T>(plan.rollout.at(0).what);
}

TEST(Plan, HoldsServicesWithTheirProvidersInTheFilesOrder) {
  auto plan = good("rollout: [restart]\n");
  ASSERT_EQ(plan.services.size(), 1u);
  auto& shop = plan.services[0];
  EXPECT_EQ(shop.platform.name, "process");
  EXPECT_EQ(spec::to_json(shop.platform.options).dump(), R"({"process":"./shop","instances":2})");
  ASSERT_TRUE(shop.router);
  EXPECT_EQ(shop.router->name, "haproxy");
  EXPECT_EQ(plan.service("shop"), &shop);
  EXPECT_EQ(plan.service("other"), nullptr);
}

TEST(Plan, KeepsAVersionsZero) { EXPECT_EQ(good("rollout: [restart]\n").environments[0].variables["release"], "1.10"); }

TEST(Plan, HasDefaults) {
  auto plan = good("rollout: [restart]\n");
  EXPECT_EQ(plan.rollback_window, 2h);
  EXPECT_EQ(plan.judge.alpha.value, 0.001);
  EXPECT_EQ(plan.judge.warm_up, 30s);
  EXPECT_EQ(plan.environments[0].timezone, "UTC");
  EXPECT_FALSE(plan.maintenance);
}

TEST(Plan, TakesOneThingWhereAListIsMeant) {
  EXPECT_EQ(only_step<Restart>("  - restart: shop\n").services, std::vector<std::string>{"shop"});
  EXPECT_TRUE(only_step<Restart>("  - restart\n").services.empty());
  EXPECT_TRUE(only_step<Restart>("  - restart:\n").services.empty());
  EXPECT_EQ(only_step<Canary>("  - canary: { traffic: 100% }\n").phases.size(), 1u);
}

TEST(Plan, HoldsCanaryPhases) {
  auto canary = only_step<Canary>(
      "  - canary:\n      - { traffic: 5%, bake: 10m, pass: error_rate < 0.5% }\n"
      "      - { traffic: 100%, bake: 1h, on-trouble: step-back }\n");
  EXPECT_EQ(canary.phases[0].traffic.value, 0.05);
  EXPECT_EQ(canary.phases[0].bake, 10min);
  EXPECT_EQ(canary.phases[0].pass[0].series, "error_rate");
  EXPECT_EQ(canary.phases[1].on_trouble, run::Trouble::step_back);
  EXPECT_EQ(canary.phases[1].mark, (spec::Mark{12, 9}));
}

TEST(Plan, HoldsTheSiblingsOfAStep) {
  auto plan = good(
      "rollout:\n  - run: ./a \"$version\"\n    undo: impossible\n    timeout: 30s\n    retry: 3\n"
      "  - run: ./b\n    undo: nothing\n    retry: { tries: 5, wait: 2s }\n    optional: on\n    on-trouble: hold\n    "
      "repeatable: "
      "true\n  - restart\n");
  auto& first = plan.rollout[0];
  EXPECT_EQ(std::get<plan::Run>(first.what).text, "./a \"$version\"");
  EXPECT_TRUE(first.common.undo->impossible());
  EXPECT_EQ(first.common.timeout, 30s);
  EXPECT_EQ(first.common.retry->tries, 3);
  EXPECT_EQ(first.mark, (spec::Mark{10, 5}));
  auto& second = plan.rollout[1].common;
  EXPECT_EQ(second.retry->wait, 2s);
  EXPECT_TRUE(second.optional && second.repeatable);
  EXPECT_EQ(second.on_trouble, run::Trouble::hold);
}

TEST(Plan, HoldsChecksOfMachinesAndPeople) {
  auto plan = good(
      "checks:\n  a:\n    Disk: { disk: /, timeout: 5s, expect: [free > 10 GB, used < 90%] }\n"
      "    Lead: { confirm: team-lead, expires: 1h, optional: true }\n    Owner: { approve: owner }\n"
      "rollout: [{ check: a }, restart]\n");
  auto& items = plan.group("a")->items;
  EXPECT_EQ(items[0].provider.name, "disk");
  EXPECT_EQ(spec::to_json(items[0].provider.options).dump(), R"({"disk":"/"})");
  EXPECT_EQ(items[0].common.timeout, 5s);
  EXPECT_EQ(items[0].expect.size(), 2u);
  EXPECT_EQ(items[1].person, Person::confirm);
  EXPECT_EQ(items[1].expires, 1h);
  EXPECT_TRUE(items[1].common.optional);
  EXPECT_EQ(items[2].person, Person::approve);
  EXPECT_EQ(items[2].who, "owner");
  EXPECT_EQ(items[2].expires, 4h);
}

TEST(Plan, HoldsRulesWithTheirConsequences) {
  auto plan = good(
      "rollout: [restart]\njudge:\n  hold: error_rate > 1%\n  roll-back: [error_rate > 5% for 5m]\n"
      "  alpha: 2%\n  worse-by: 50%\n  warm-up: 2m\n  usual: { requests: 120/min, errors: 0.2% }\n");
  ASSERT_EQ(plan.judge.rules.size(), 2u);
  EXPECT_EQ(plan.judge.rules[0].then, run::Consequence::roll_back);
  EXPECT_EQ(plan.judge.rules[0].when.held, 5min);
  EXPECT_EQ(plan.judge.rules[1].then, run::Consequence::hold);
  EXPECT_EQ(plan.judge.alpha.value, 0.02);
  EXPECT_EQ(plan.judge.worse_by.value, 0.5);
  EXPECT_EQ(plan.judge.warm_up, 2min);
  EXPECT_EQ(plan.judge.expected_rate, 2);
  EXPECT_EQ(plan.judge.expected_errors.value, 0.002);
}

TEST(Plan, HoldsAReleaseList) {
  auto list = only_step<Releasing>("  - release: [{ run: make }, { run: make install }]\n");
  EXPECT_EQ(std::get<plan::Run>(list.steps.at(1).what).text, "make install");
}

TEST(Plan, DrainsUntilNoSessionWithoutACondition) {
  EXPECT_FALSE(only_step<Drain>("  - drain\n").until);
  auto drain = only_step<Drain>("  - drain: connections < 5\n    within: 1m\n    otherwise: close\n");
  EXPECT_EQ(drain.until->text, "connections < 5");
  EXPECT_EQ(drain.otherwise, Otherwise::close);
}

TEST(Plan, SaysAllMistakesAtOnceInOrder) {
  auto parsed = parse("davy: 2\nservices: {}\nrollout:\n  - wait: x\nfoo: 1\n", words::vocabulary());
  std::string all;
  for (auto& m : parsed.mistakes.sorted()) all += std::to_string(m.at.line) + " ";
  EXPECT_EQ(all, "1 1 2 4 5 ");
}

TEST(Plan, CountsColumnsInCharacters) {
  auto parsed = parse(std::string(kHead) + "rollout: [restart]\nchecks: { a: { \"größer\": { dsik: / } } }\n",
                      words::vocabulary());
  ASSERT_EQ(parsed.mistakes.count(), 1u);
  EXPECT_EQ(parsed.mistakes.sorted()[0].at, (spec::Mark{10, 28}));
}

}  // namespace
}  // namespace davy::plan
