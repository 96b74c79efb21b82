#include "signals/systems/redis_info.h"

#include <gmock/gmock.h>

namespace davy::signals {
namespace {

using namespace std::chrono_literals;
using Kind = RedisReply::Kind;

const Time kBegin{1'700'000'000s};

TEST(RedisReplies, AreRead) {
  auto one = [](std::string_view text) { return **parse_redis_reply(text); };
  EXPECT_EQ(one("+OK\r\n").text, "OK");
  EXPECT_EQ(one("-ERR no\r\n").kind, Kind::error);
  EXPECT_EQ(one(":42\r\n").text, "42");
  EXPECT_EQ(one("$5\r\na\r\nbc\r\n").text, "a\r\nbc");
  EXPECT_EQ(one("$-1\r\n").kind, Kind::none);
  EXPECT_EQ(one("*2\r\n+a\r\n*1\r\n:1\r\n+next").size, 4u + 4 + 4 + 4);
}

TEST(RedisReplies, AreWaitedForUntilTheyAreWhole) {
  std::string_view whole = "*3\r\n$3\r\nabc\r\n:5\r\n*1\r\n+x\r\n";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    auto part = parse_redis_reply(whole.substr(0, n));
    ASSERT_TRUE(part) << n;
    EXPECT_FALSE(*part) << n;
  }
  EXPECT_EQ((**parse_redis_reply(whole)).size, whole.size());
}

TEST(RedisReplies, ThatAreNoneAreRefused) {
  for (auto wrong : {"HTTP/1.1 400\r\n", "$x\r\n", "$-2\r\n", "*99999999999\r\n", "$3\r\nabcde", ":\r\n",
                     "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n+x\r\n"})
    EXPECT_FALSE(parse_redis_reply(wrong)) << wrong;
}

TEST(RedisCommands, AreArraysOfBulks) {
  EXPECT_EQ(redis_command({"AUTH", "a b\r\n"}), "*2\r\n$4\r\nAUTH\r\n$5\r\na b\r\n\r\n");
}

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
