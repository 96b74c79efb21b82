#include "judge/patience.h"

#include <gtest/gtest.h>

namespace davy::judge {
namespace {

using namespace std::chrono_literals;

run::Runbook book_of(const char* rule, run::Consequence then) {
  run::Runbook book;
  book.setup.signals = {{"traffic", {"haproxy", {}}, 1s}, {"database", {"postgres", {}}, 30s}, {"idle", {}, 10min}};
  book.rules = {{*spec::parse_condition(rule), then}};
  return book;
}

TEST(Patience, IsFifteenSecondsWhereTheTrafficIsSeenEverySecond) {
  EXPECT_EQ(patience(book_of("error_rate > 5%", run::Consequence::roll_back)), 15s);
  EXPECT_EQ(patience({}), 15s);
}

TEST(Patience, IsThreeTimesTheSlowestSourceThatARollBackNeeds) {
  EXPECT_EQ(patience(book_of("database.pool_use > 90%", run::Consequence::roll_back)), 90s);
  EXPECT_EQ(patience(book_of("database.pool_use > 90%", run::Consequence::warn)), 15s);
}

TEST(Patience, CountsWhatABakeNeeds) {
  auto book = book_of("error_rate > 5%", run::Consequence::roll_back);
  run::Step bake{.path = "rollout/canary/25%/bake", .call = {.port = "bake"}};
  bake.call.args = spec::object(
      {{"pass", {}, spec::from_json(spec::encode(std::vector{*spec::parse_condition("database.pool_use < 90%")}))}});
  book.steps = {bake};
  EXPECT_EQ(patience(book), 90s);
}

TEST(Patience, FollowsATrafficSourceThatTellsEveryMinute) {
  auto book = book_of("error_rate > 5%", run::Consequence::roll_back);
  book.setup.signals[0].every = 1min;
  EXPECT_EQ(patience(book), 3min);
}

}  // namespace
}  // namespace davy::judge
