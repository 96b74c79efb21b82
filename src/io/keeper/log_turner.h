// What instances print is bounded. An instance writes straight to <instances>/<key>/log, so that nobody's end or
// slowness is ever between a service and its log; a process beside them, one for a state directory, takes off the front
// of a log that has grown too long. docs/decisions/0029 says why it is done so.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace davy::io {

// At what length a log is turned: 64 MiB, and less where the file system under `folder` is small.
std::size_t log_turns_at(const std::string& folder);

// Turns this log if it is longer than that: the newest half stays, and no line that the instance prints meanwhile is
// lost. Where the file system cannot take off a file's front (io/posix/log_front.h), all of it becomes log.1 and log
// begins anew; what is printed in the microseconds between copying and cutting is lost. Where there is no room for
// log.1, or it is printed faster than it can be copied, only the last 64 KiB stay.
Result<> turn_log(const std::string& log, std::size_t turns_at);

struct LogTurnerOptions {
  std::string instances;
  std::string boot;  // instead of the kernel's boot id, for tests
};

// Sees to it that a turner lives for these instances; whoever begins one calls this after it. Runs
// `program turn-logs INSTANCES BOOT`, `program` being this program.
Result<> have_turner(const std::string& program, const LogTurnerOptions&);

// The turner: until no instance lives. At once where there is another already. The arguments behind `turn-logs`.
int turn_logs(std::span<const std::string> arguments);

}  // namespace davy::io
