#pragma once
#include "io/secrets/secrets.h"
#include "ports/stores.h"

namespace davy::io {

// RESP2 over TCP, TLS (rediss://, always verified) or a unix socket. Secrets' values are put in here and wiped; they
// must outlive this.
class Redis final : public ports::Redis {
 public:
  explicit Redis(const Secrets& secrets) : secrets_(secrets) {}
  ports::Task<std::string> ask(ports::RedisRequest) override;

 private:
  const Secrets& secrets_;
};

// Where a Redis is and how one gets in.
struct RedisPlace {
  std::string address;  // of a stream socket
  std::string user, password, database;
  bool secure = false;
  std::string shown;  // for messages: the address alone
};
Result<RedisPlace> parse_redis_url(const std::string&);

// What is said before anything else, as commands. Whoever sends them wipes them.
std::vector<std::vector<std::string>> redis_greeting(const RedisPlace&);

}  // namespace davy::io
