// A control group's own figures, version 2 (kernel: Documentation/admin-guide/cgroup-v2.rst): of a container or of a
// systemd service.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "judge/numbers/window.h"
#include "signals/metrics/counters.h"

namespace davy::signals {

// The texts of its files; one that is not there (its controller is off) is nothing.
struct CgroupFiles {
  std::optional<std::string> memory_current, memory_max, memory_events, cpu_stat, cpu_max, pids_current, pids_max;
};

// "name 5" lines.
std::map<std::string, double> parse_flat_keyed(std::string_view);

// memory (bytes), memory_share (of its limit, where it has one), cpu (cores in use since the last look), cpu_share (of
// its quota), throttled (share of periods), oom_kills (since the first look), processes, processes_share.
class CgroupAccount {
 public:
  Result<judge::Window> look(const CgroupFiles&, Time from, Time to);

 private:
  Counters counters_;
  double oom_kills_ = 0;
};

}  // namespace davy::signals
