// The clock of this machine: wall time at the process's start plus the boot-time clock since, so it never steps.
#pragma once
#include "ports/clock.h"

namespace davy::io {

class Clock final : public ports::Clock {
 public:
  Clock();
  Time now() override;
  // Wakes within a few seconds after the machine slept through the deadline. Cancellable.
  ports::Task<> sleep_until(Time) override;

 private:
  Time wall_at_start_;
  Duration boot_at_start_;
};

}  // namespace davy::io
