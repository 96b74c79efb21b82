// Redis's protocol (RESP2, redis.io/docs/reference/protocol-spec), by hiredis' formatter and reader.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

struct redisReader;

namespace davy::io {

// A command as an array of bulk strings. The caller wipes it where it holds a password.
std::string redis_command(const std::vector<std::string>& words);

// An error that it answered with. Code::refused: it lets nobody in, or not there; Code::unavailable: it may soon.
Error redis_refusal(const std::string& shown, const std::string& said);

struct RedisReply {
  enum class Kind { text, number, none, error, list };
  Kind kind = Kind::none;
  std::string text;  // of a list: nothing
};

// Replies out of the bytes of a connection: at most 4 MiB in all where nobody says more, lists in lists at most seven
// deep.
class RedisReplies {
 public:
  static constexpr std::size_t kMost = 4 * 1024 * 1024;

  explicit RedisReplies(std::size_t most = kMost);

  // Code::invalid: more than that.
  Result<> feed(std::string_view);
  // The next reply; nothing while it is not whole. Code::invalid, from then on: this is not Redis's protocol.
  Result<std::optional<RedisReply>> next();

 private:
  struct Free {
    void operator()(redisReader*) const;
  };
  std::unique_ptr<redisReader, Free> reader_;
  std::size_t most_, fed_ = 0;
};

}  // namespace davy::io
