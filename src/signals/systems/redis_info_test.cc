#include "signals/systems/redis_info.h"

#include <gmock/gmock.h>

namespace davy::signals {
namespace {

using namespace std::chrono_literals;

const Time kBegin{1'700'000'000s};

std::string info(int hits, int misses, const char* run = "a") {
  return "# Server\r\nrun_id:" + std::string(run) +
         "\r\n# Clients\r\nconnected_clients:3\r\nblocked_clients:0\r\n# "
         "Memory\r\nused_memory:1000\r\nmaxmemory:4000\r\n"
         "loading:0\r\nrejected_connections:5\r\nevicted_keys:" +
         std::to_string(misses) + "\r\nkeyspace_hits:" + std::to_string(hits) +
         "\r\nkeyspace_misses:" + std::to_string(misses) +
         "\r\nrole:master\r\n# Keyspace\r\ndb0:keys=7,expires=0\r\n"
         "db1:keys=2,expires=0\r\n";
}

TEST(RedisAccount, GivesTheHitRateSinceTheLastLook) {
  RedisAccount account;
  auto first = account.look(info(1000, 0), kBegin, kBegin);
  EXPECT_FALSE(first->numbers.contains("hit_rate"));
  EXPECT_EQ(first->numbers["memory"][""], 1000);
  EXPECT_EQ(first->numbers["memory_share"][""], .25);
  EXPECT_EQ(first->numbers["clients"][""], 3);
  EXPECT_EQ(first->numbers["keys"][""], 9);
  EXPECT_EQ(first->states[""][""], "up");
  EXPECT_EQ(first->states["role"][""], "master");
  auto w = account.look(info(1030, 10), kBegin, kBegin + 10s);
  EXPECT_DOUBLE_EQ(w->numbers["hit_rate"][""], .75);
  EXPECT_DOUBLE_EQ(w->numbers["evictions"][""], 1);
  EXPECT_EQ(w->numbers["rejected"][""], 0);
  EXPECT_FALSE(account.look(info(1030, 10), kBegin, kBegin + 20s)->numbers.contains("hit_rate")) << "nobody asked";
}

TEST(RedisAccount, SeesARestart) {
  RedisAccount account;
  account.look(info(10, 10), kBegin, kBegin);
  auto w = account.look(info(30, 10, "b"), kBegin, kBegin + 10s);
  EXPECT_DOUBLE_EQ(w->numbers["hit_rate"][""], .75) << "all counters began anew, though one is higher";
  EXPECT_EQ(w->numbers["restarts"][""], 1);
}

TEST(RedisAccount, RefusesWhatIsNoInfo) {
  RedisAccount account;
  EXPECT_EQ(account.look("used_memory:lots\r\n", kBegin, kBegin).error().code, Code::invalid);
}

}  // namespace
}  // namespace davy::signals
