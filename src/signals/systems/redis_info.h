// Redis: its protocol's replies (RESP2, redis.io/docs/reference/protocol-spec) and what INFO tells.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "judge/numbers/window.h"
#include "signals/metrics/counters.h"

namespace davy::signals {

// A command as an array of bulk strings.
std::string redis_command(const std::vector<std::string>& words);

struct RedisReply {
  enum class Kind { text, number, none, error, list };
  Kind kind = Kind::none;
  std::string text;      // of a list: nothing
  std::size_t size = 0;  // bytes that it took
};
// The first reply in what came; nothing while it is not whole. Code::invalid: this is no RESP, or larger than 16 MiB.
Result<std::optional<RedisReply>> parse_redis_reply(std::string_view);

// "name:value" lines; "# Section" lines are left out.
std::map<std::string, std::string> parse_redis_info(std::string_view);

// memory (bytes), memory_share (of maxmemory, where it is set), clients, blocked_clients, keys; since the last look:
// hit_rate (nothing while nobody asked), commands, evictions and expired (per second); since the first: rejected
// (connections), restarts. States: role, master_link (of a replica), and "" is up or loading.
class RedisAccount {
 public:
  Result<judge::Window> look(std::string_view info, Time from, Time to);

 private:
  Counters counters_;
  std::string run_id_;
  double rejected_ = 0, restarts_ = 0;
};

}  // namespace davy::signals
