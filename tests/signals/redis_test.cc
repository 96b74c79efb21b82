#include "providers/signal/redis.h"

#include <gmock/gmock.h>

#include "real.h"

namespace davy::real {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Redis {
  TempDir dir;
  unsigned short port = free_port();
  std::unique_ptr<Server> server;
  Redis() { start(); }
  void start() {
    server = std::make_unique<Server>(
        std::vector<std::string>{"redis-server", "--port", std::to_string(port), "--bind", "127.0.0.1", "--unixsocket",
                                 dir.path + "/redis.sock", "--requirepass", "open sesame", "--save", "", "--dir",
                                 dir.path},
        dir.path + "/log");
  }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port); }
};

std::string ask(World& world, const Redis& redis, std::vector<std::string> command) {
  auto answer =
      run(world.redis.ask({.url = redis.url(), .password = "$REDIS_PASSWORD", .command = std::move(command)}));
  EXPECT_TRUE(answer) << because(answer);
  return answer.value_or("");
}

bool up(World& world, const Redis& redis) {
  return eventually([&] {
    return run(world.redis.ask({.url = redis.url(), .password = "$REDIS_PASSWORD", .command = {"PING"}})) == "PONG";
  });
}

TEST(RealRedis, GivesItsHitRateSinceTheLastLookAndComesBack) {
  World world;
  world.secret("REDIS_PASSWORD", "open sesame");
  Redis redis;
  ASSERT_TRUE(up(world, redis));
  Watched signal(world.outside(), "redis", "{\"redis\": \"" + redis.url() + "\", \"password\": \"$REDIS_PASSWORD\"}");
  auto first = signal.look();
  EXPECT_GT(*number(first, "memory"), 100'000);
  EXPECT_EQ(state(first, "role"), "master");
  EXPECT_EQ(number(first, "hit_rate"), std::nullopt);
  ask(world, redis, {"SET", "a b", "1\r\n2"});
  EXPECT_EQ(ask(world, redis, {"GET", "a b"}), "1\r\n2");
  ask(world, redis, {"GET", "a b"}), ask(world, redis, {"GET", "a b"}), ask(world, redis, {"GET", "none"});
  auto w = signal.look();
  EXPECT_DOUBLE_EQ(*number(w, "hit_rate"), .75);
  EXPECT_EQ(number(w, "keys"), 1);
  EXPECT_EQ(number(w, "evictions"), 0);

  redis.server->stop(SIGKILL);
  auto gone = signal.try_look();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::unavailable);
  EXPECT_THAT(gone.error().message, HasSubstr("away since"));
  redis.start();
  ASSERT_TRUE(up(world, redis));
  EXPECT_EQ(number(signal.look(), "restarts"), 1);
}

TEST(RealRedis, RefusesAWrongPasswordWithoutShowingIt) {
  World world;
  world.secret("REDIS_PASSWORD", "open sesame");
  world.secret("WRONG", "hunter2");
  world.secret("REDIS_URL", "redis://:hunter3@127.0.0.1:1");
  Redis redis;
  ASSERT_TRUE(up(world, redis));
  auto& out = world.outside();
  auto wrong = run(perform(providers::RedisProbe{.url = redis.url(), .password = "$WRONG"}, out, {}));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Code::refused);
  EXPECT_THAT(to_string(wrong.error()), Not(HasSubstr("hunter2")));
  auto none = run(perform(providers::RedisProbe{.url = redis.url()}, out, {}));
  EXPECT_EQ(none.error().code, Code::refused);
  auto away = run(perform(providers::RedisProbe{.url = "$REDIS_URL"}, out, {}));
  EXPECT_EQ(away.error().code, Code::unavailable);
  EXPECT_THAT(to_string(away.error()), Not(HasSubstr("hunter3")));
  auto unknown = run(perform(providers::RedisProbe{.url = redis.url(), .password = "$NOBODY"}, out, {}));
  EXPECT_THAT(unknown.error().message, HasSubstr("NOBODY"));
}

TEST(RealRedis, IsReachedByUrlsOfAllKinds) {
  World world;
  Redis redis;
  world.secret("REDIS_PASSWORD", "open sesame");
  ASSERT_TRUE(up(world, redis));
  auto port = std::to_string(redis.port);
  for (auto url :
       {"redis://:open%20sesame@127.0.0.1:" + port + "/0", "redis://default:open%20sesame@localhost:" + port})
    EXPECT_EQ(run(world.redis.ask({.url = url, .command = {"PING"}})), "PONG") << url;
  for (auto url : {"unix://" + redis.dir.path + "/redis.sock", "127.0.0.1:" + port})
    EXPECT_EQ(run(world.redis.ask({.url = url, .password = "$REDIS_PASSWORD", .command = {"PING"}})), "PONG") << url;
  for (auto url : {"http://x", "redis://x:y", "rediss://x:y"})
    EXPECT_EQ(run(world.redis.ask({.url = url, .command = {"PING"}})).error().code, Code::invalid) << url;
  auto bad = run(world.redis.ask({.url = redis.url(), .password = "$REDIS_PASSWORD", .command = {"NONSENSE"}}));
  EXPECT_EQ(bad.error().code, Code::invalid);
}

// A certificate of its own authority, in the folder.
void make_certificates(const std::string& folder) {
  auto openssl = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "openssl");
    ASSERT_EQ(carry_out(std::move(words), folder + "/log"), 0);
  };
  auto at = [&](const char* name) { return folder + "/" + name; };
  openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Davys tests",
           "-keyout", at("ca.key"), "-out", at("ca.pem")});
  openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-addext",
           "subjectAltName=DNS:localhost", "-keyout", at("redis.key"), "-out", at("redis.csr")});
  openssl({"x509", "-req", "-in", at("redis.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial",
           "-copy_extensions", "copy", "-out", at("redis.pem")});
}

TEST(RealRedis, IsReachedOverTlsWhenItsCertificateIsGood) {
  World world;
  world.secret("REDIS_PASSWORD", "open sesame");
  TempDir dir;
  make_certificates(dir.path);
  auto port = std::to_string(free_port());
  Server server({"redis-server",
                 "--port",
                 "0",
                 "--tls-port",
                 port,
                 "--bind",
                 "127.0.0.1",
                 "--tls-auth-clients",
                 "no",
                 "--tls-cert-file",
                 dir.path + "/redis.pem",
                 "--tls-key-file",
                 dir.path + "/redis.key",
                 "--tls-ca-cert-file",
                 dir.path + "/ca.pem",
                 "--requirepass",
                 "open sesame",
                 "--save",
                 "",
                 "--dir",
                 dir.path},
                dir.path + "/log");
  auto ask = [&](const std::string& scheme, const std::string& host, const std::string& ca) {
    return run(world.redis.ask({.url = scheme + host + ":" + port,
                                .password = "$REDIS_PASSWORD",
                                .command = {"INFO"},
                                .timeout = 20s,
                                .ca = ca.empty() ? "" : dir.path + ca}));
  };
  ASSERT_TRUE(eventually([&] { return ask("rediss://", "localhost", "/ca.pem").has_value(); }))
      << because(ask("rediss://", "localhost", "/ca.pem"));
  EXPECT_THAT(*ask("rediss://", "localhost", "/ca.pem"), HasSubstr("used_memory:"));
  auto other_name = ask("rediss://", "127.0.0.1", "/ca.pem");
  ASSERT_FALSE(other_name);
  EXPECT_EQ(other_name.error().code, Code::invalid);
  EXPECT_THAT(other_name.error().message, HasSubstr("the certificate of 127.0.0.1:" + port + " is not accepted"));
  auto stranger = ask("rediss://", "localhost", "");
  ASSERT_FALSE(stranger);
  EXPECT_THAT(stranger.error().message, HasSubstr("is not accepted: self-signed certificate in certificate chain"));
  EXPECT_THAT(ask("rediss://", "localhost", "/none.pem").error().message, HasSubstr("none.pem"));
  EXPECT_EQ(ask("redis://", "localhost", "").error().code, Code::unavailable) << "no TLS where TLS is spoken";
}

TEST(RealRedis, IsNotWaitedForLongerThanAsked) {
  World world;
  asio::io_context io;
  asio::ip::tcp::acceptor silent(io, {asio::ip::make_address("127.0.0.1"), 0});
  auto url = "redis://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  EXPECT_EQ(run(world.redis.ask({.url = url, .command = {"PING"}, .timeout = 100ms})).error().code, Code::timed_out);
}

}  // namespace
}  // namespace davy::real
