#pragma once
#include "base/time.h"
#include "ports/task.h"

namespace davy::ports {

// now(): wall time at the process's start plus the boot-time clock since; it never steps while the process lives.
// sleep_until: cancellable; a cancelled sleep answers Code::cancelled.
struct Clock {
  virtual ~Clock() = default;
  virtual Time now() = 0;
  virtual Task<> sleep_until(Time) = 0;
};

}  // namespace davy::ports
