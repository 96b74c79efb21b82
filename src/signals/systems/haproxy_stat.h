// HAProxy's own counters, from the stats socket: `show stat` (CSV, or `show stat typed`) and `show info`. What the log
// cannot tell stands here: which server a request was taken away from, what is inside a server now, what the log lost.
// HAProxy 2.6 Management Guide, 9.1 (fields) and 9.2 (typed).
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "judge/numbers/window.h"

namespace davy::signals {

struct ServerStat {
  std::string status;                   // "UP", "UP 1/2", "DOWN", "MAINT", "DRAIN", "no check" …
  std::uint64_t weight = 0;             // in force
  std::uint64_t sessions = 0;           // inside it now (scur)
  std::uint64_t queue = 0;              // waiting for it
  std::uint64_t requests = 0;           // in all (stot), each attempt
  std::uint64_t retried = 0;            // wretr: tried again on the same server
  std::uint64_t redispatched = 0;       // wredis: given to another one
  std::uint64_t connection_errors = 0;  // econ
  std::uint64_t response_errors = 0;    // eresp
  std::uint64_t server_errors = 0;      // hrsp_5xx
  bool operator==(const ServerStat&) const = default;
};

// By "backend/server"; frontends and backends as a whole are left out. Both formats; what is neither is an Error.
Result<std::map<std::string, ServerStat>> parse_show_stat(std::string_view text);

struct HaproxyInfo {
  std::uint64_t pid = 0, dropped_logs = 0, uptime_seconds = 0;
};
Result<HaproxyInfo> parse_show_info(std::string_view text);

// Two looks make a difference. A counter that fell was set back by a reload, and counts from zero.
class StatDeltas {
 public:
  // Since the look before: `redispatched` of each server, and the gauges `sessions` and `queue` as numbers. Nothing for
  // a server's first look. Requests, not attempts: HAProxy counts a request in wretr for each try on the same server
  // and in wredis when it moves on, so wretr speaks only where nothing moved on.
  judge::Window see(const std::map<std::string, ServerStat>& now, Time from, Time to);

  // Requests per server since the look before, without the attempts that were taken away from it: what lines must have
  // come of (MissingLines).
  const std::map<std::string, std::uint64_t>& requests() const { return requests_; }

 private:
  std::map<std::string, ServerStat> last_;
  std::map<std::string, std::uint64_t> requests_;
};

}  // namespace davy::signals
