// This machine, and which process is which on it: a pid alone is reused, with start time and boot id it is not.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace davy::io {

struct Machine {
  std::string host;
  std::string boot;  // changes with every boot
  std::string user;  // who runs this process
};
// boot: taken instead of the kernel's boot id when not empty, so that a test can reboot without rebooting.
Machine this_machine(std::string boot = {});
std::string kernel_boot_id();

struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start = 0;  // clock ticks since boot: field 22 of /proc/PID/stat
  std::string boot;
  bool operator==(const ProcessId&) const = default;
};

// One line of /proc/PID/stat; nothing when there is no such process.
struct ProcessStat {
  pid_t pid = 0, group = 0, session = 0;
  std::uint64_t start = 0;
  bool zombie = false, stopped = false;  // stopped: by a signal or a tracer
};
std::optional<ProcessStat> process_stat(pid_t);

ProcessId identify(pid_t, std::string boot);          // start is 0 when it is gone
bool alive(const ProcessId&, std::string_view boot);  // same pid, same start, same boot, and not a zombie
// As alive(), for who would act on the answer: that nobody could look is an Error.
Result<bool> lives(const ProcessId&, std::string_view boot);
Time started_at(const ProcessId&);  // wall time, to a hundredth of a second

}  // namespace davy::io
