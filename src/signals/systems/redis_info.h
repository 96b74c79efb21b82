// Redis: what INFO tells.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "judge/numbers/window.h"
#include "signals/metrics/counters.h"

namespace davy::signals {

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
