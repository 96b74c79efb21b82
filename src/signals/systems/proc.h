// Linux's own figures of processes and of the machine: files below /proc, as in proc(5).
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "judge/numbers/window.h"

namespace davy::signals {

// /proc/PID/stat. USER_HZ is 100 on every Linux that userland sees.
struct ProcessStat {
  std::string name;  // the first 15 bytes of the program's
  char state = '?';  // R S D Z …
  std::int64_t parent = 0;
  double cpu_seconds = 0;  // user and system, all threads
  std::uint64_t threads = 0;
  std::uint64_t started = 0;  // ticks since boot: with the pid it tells one process from the next
};
Result<ProcessStat> parse_process_stat(std::string_view);

double parse_resident_bytes(std::string_view status);                   // VmRSS of /proc/PID/status; kernel threads: 0
std::optional<double> parse_open_files_limit(std::string_view limits);  // soft limit in /proc/PID/limits
std::vector<std::int64_t> parse_pids(std::string_view);                 // blank-separated, as in …/children

// One process as it was found.
struct ProcessSeen {
  std::int64_t pid = 0;
  ProcessStat stat;
  double resident = 0;
  std::optional<double> open_files, open_files_limit;  // nothing: not ours to read
};

// Figures of a service's processes, look after look, by label: cpu (cores in use since the last look: 1 is one whole
// core), memory (bytes, resident), open_files, open_files_share (of the limit, of the worst), threads, processes, and
// restarts: how often since the first look one was gone and another there.
class ProcessAccount {
 public:
  judge::Window look(const std::map<std::string, std::vector<ProcessSeen>>& by_label, Time from, Time to);

 private:
  using Identity = std::pair<std::int64_t, std::uint64_t>;  // pid, started
  struct Known {
    std::map<Identity, double> cpu;
    std::size_t most = 0;  // processes at once
    double restarts = 0;
    double missing = 0;  // gone, and no other came yet
  };
  std::map<std::string, Known> known_;
};

// The machine: cpu (share of all cores, since the last look), steal, load1 load5 load15, load_per_core, memory (share
// in use that cannot be given back), memory_available (bytes), swap (share).
struct MachineFiles {
  std::string stat, loadavg, meminfo;
};
class MachineAccount {
 public:
  Result<judge::Window> look(const MachineFiles&, Time from, Time to);

 private:
  std::optional<std::vector<double>> ticks_;  // of /proc/stat's first line
};

}  // namespace davy::signals
