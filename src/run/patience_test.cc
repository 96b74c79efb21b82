#include "run/patience.h"

#include <gtest/gtest.h>

namespace davy::run {
namespace {

using namespace std::chrono_literals;

Runbook book_of(std::vector<std::pair<std::string, Duration>> signals, std::vector<Rule> rules) {
  Runbook out;
  out.rules = std::move(rules);
  for (auto& [name, every] : signals) out.setup.signals.push_back({.name = name, .every = every});
  return out;
}

Rule rule(const std::string& when, Consequence then = Consequence::roll_back) {
  return {*spec::parse_condition(when), then};
}

TEST(Patience, IsTheKeepersWhereSignalsAreReadOften) {
  EXPECT_EQ(patience(Runbook{}), 15s);
  EXPECT_EQ(patience(book_of({{"traffic", 1s}}, {rule("error_rate > 5%")})), 15s);
}

TEST(Patience, IsThreeLooksOfTheSlowestSignalThatARollBackRuleReads) {
  EXPECT_EQ(patience(book_of({{"traffic", 30s}}, {rule("error_rate > 5%")})), 90s);
  EXPECT_EQ(patience(book_of({{"app", 20s}, {"db", 1s}}, {rule("app.errors > 5")})), 60s);
}

TEST(Patience, ASignalThatNothingRollsBackForDoesNotMatter) {
  EXPECT_EQ(patience(book_of({{"app", 20s}}, {rule("app.errors > 5", Consequence::warn)})), 15s);
  EXPECT_EQ(patience(book_of({{"app", 20s}, {"db", 1min}}, {rule("app.errors > 5")})), 60s);
}

TEST(Patience, WhatABakeAsksForIsReadAsWell) {
  auto book = book_of({{"queue", 10s}}, {});
  Step bake;
  bake.call = {
      "bake", "", "",
      spec::object(
          {{"pass", {}, spec::from_json(spec::encode(std::vector{*spec::parse_condition("queue.length < 5")}))}})};
  book.steps.push_back(std::move(bake));
  EXPECT_EQ(patience(book), 30s);
}

}  // namespace
}  // namespace davy::run
