#include "signals/systems/postgres_account.h"

#include <gtest/gtest.h>

namespace davy::signals {
namespace {

using namespace std::chrono_literals;

const Time kBegin{1'700'000'000s};

std::map<std::string, double> figures(double commits, double hit, double started = 100) {
  return {{"connections", 40},
          {"max_connections", 100},
          {"slow_queries", 1},
          {"longest_query", 2.5},
          {"size", 1e6},
          {"xact_commit", commits},
          {"xact_rollback", commits / 10},
          {"blks_hit", hit},
          {"blks_read", 10},
          {"deadlocks", 0},
          {"started", started}};
}

TEST(PostgresAccount, GivesGaugesAtOnceAndGrowthFromTheSecondLook) {
  PostgresAccount account;
  auto first = account.look(figures(100, 1000), {}, kBegin, kBegin);
  EXPECT_EQ(first.numbers["connections"][""], 40);
  EXPECT_DOUBLE_EQ(first.numbers["pool_use"][""], .4);
  EXPECT_EQ(first.numbers["slow_queries"][""], 1);
  EXPECT_FALSE(first.numbers.contains("commits"));
  EXPECT_FALSE(first.numbers.contains("lag")) << "of a server without replicas";
  auto w = account.look(figures(200, 1090), {}, kBegin, kBegin + 10s);
  EXPECT_DOUBLE_EQ(w.numbers["commits"][""], 10);
  EXPECT_NEAR(w.numbers["rollback_share"][""], 1.0 / 11, 1e-9);
  EXPECT_DOUBLE_EQ(w.numbers["cache_hit_rate"][""], 1) << "nothing was read since";
  EXPECT_FALSE(w.numbers.contains("query_mean"));
}

TEST(PostgresAccount, WeighsStatementsByTheirCalls) {
  PostgresAccount account;
  account.look(figures(1, 1), {{"fast", 1000, 1}, {"slow", 10, 10}}, kBegin, kBegin);
  auto w = account.look(figures(1, 1), {{"fast", 1090, 1.09}, {"slow", 20, 15}}, kBegin, kBegin + 10s);
  EXPECT_DOUBLE_EQ(w.numbers["query_rate"][""], 10);
  EXPECT_DOUBLE_EQ(w.numbers["query_mean"][""], 5.09 / 100);
  EXPECT_DOUBLE_EQ(w.numbers["query_p95"][""], .5) << "a tenth of the calls take half a second";
}

TEST(PostgresAccount, SeesARestart) {
  PostgresAccount account;
  account.look(figures(100, 1), {}, kBegin, kBegin);
  EXPECT_EQ(account.look(figures(100, 1, 100.2), {}, kBegin, kBegin + 1s).numbers["restarts"][""], 0);
  auto w = account.look(figures(150, 1, 200), {}, kBegin + 1s, kBegin + 2s);
  EXPECT_EQ(w.numbers["restarts"][""], 1);
  EXPECT_DOUBLE_EQ(w.numbers["commits"][""], 150);
}

}  // namespace
}  // namespace davy::signals
