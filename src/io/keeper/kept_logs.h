// Logs of instances that are gone: what an instance said last is the evidence of what was wrong with it, and it is
// taken down minutes before anybody looks. <state>/logs/<key>.<seconds since 1970>.log, beside <state>/instances.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace davy::io {

inline constexpr Duration kLogsKept = std::chrono::days(7);
inline constexpr std::size_t kLogKept = 4 << 20;     // the end of each
inline constexpr std::size_t kLogsInAll = 64 << 20;  // then the oldest go

// Keeps the end of this instance's log. Best effort: a full disk keeps nobody from forgetting an instance.
void keep_log(const std::string& instances, const std::string& key, const std::string& log, Time now);

// Paths of what is kept of keys that begin so, the oldest first.
std::vector<std::string> kept_logs(const std::string& instances, const std::string& key_prefix);

}  // namespace davy::io
