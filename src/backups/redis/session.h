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

  using Command = std::vector<std::string>;
  static constexpr std::size_t kSmall = 4 * 1024 * 1024, kAnyValue = 600 * 1024 * 1024;  // Redis allows 512 MiB

  // A text or a number; of a list, nothing. At most so many bytes. What Redis refuses is an Error, with its words.
  Result<std::string> ask(const Command&, Duration timeout = std::chrono::seconds(30), std::size_t most = kSmall);
  // One after the other without waiting in between: the last answer, or the first Error. Answers are 4 MiB at most.
  Result<std::string> ask_all(const std::vector<Command>&, Duration timeout = std::chrono::seconds(30));
  // What is no answer: for a connection that becomes a stream.
  Result<> say(const Command&);
  Result<std::size_t> read(std::span<char>, Duration timeout);

 private:
  RedisSession(std::unique_ptr<boost::asio::io_context>, std::string shown);
  Result<std::string> answer(std::size_t replies, const std::string& doing, Duration timeout, std::size_t most);
  std::unique_ptr<boost::asio::io_context> context_;  // outlives the channel
  std::unique_ptr<io::Channel> channel_;
  std::string shown_;
};

}  // namespace davy::backups
