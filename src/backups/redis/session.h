// One connection to a Redis that waits for its answers.
#pragma once
#include <memory>
#include <span>

#include "base/time.h"
#include "io/data/redis.h"

namespace boost::asio {
class io_context;
}
namespace davy::io {
class Channel;
}

namespace davy::backups {

struct RedisSource {
  io::RedisPlace place;
  std::string ca;  // file of certificates that are trusted; empty: the system's
  std::string masked(std::string text) const;
};

class RedisSession {
 public:
  // Code::refused: not let in; Code::unavailable: not reached.
  static Result<RedisSession> open(const RedisSource&);
  RedisSession(RedisSession&&) noexcept;
  ~RedisSession();

  // A text or a number; of a list, nothing. At most 4 MiB. What Redis refuses is an Error, with its words.
  Result<std::string> ask(const std::vector<std::string>& command, Duration timeout = std::chrono::seconds(30));
  // What is no answer: for a connection that becomes a stream.
  Result<> say(const std::vector<std::string>& command);
  Result<std::size_t> read(std::span<char>, Duration timeout);

 private:
  RedisSession(std::unique_ptr<boost::asio::io_context>, std::string shown);
  std::unique_ptr<boost::asio::io_context> context_;  // outlives the channel
  std::unique_ptr<io::Channel> channel_;
  std::string shown_;
};

}  // namespace davy::backups
