// The clock of this machine: wall time at the process's start plus the boot-time clock since, so it never steps.
#pragma once
#include "ports/clock.h"

namespace davy::io {

class Clock final : public ports::Clock {
 public:
  // Asio's timers do not count the time that the machine sleeps, so a long wait looks again after each nap.
  explicit Clock(Duration longest_nap = std::chrono::seconds(5));
  Time now() override;
  // Wakes within a nap after the machine slept through the deadline. Cancellable.
  ports::Task<> sleep_until(Time) override;

 private:
  Time wall_at_start_;
  Duration boot_at_start_, longest_nap_;
};

}  // namespace davy::io
