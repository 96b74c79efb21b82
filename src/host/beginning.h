// Who begins a run shows it, from before the run can be read until an engine drives it.
#pragma once
#include <string>
#include <utility>

#include "host/state_dir.h"
#include "io/posix/lockfile.h"

namespace davy::host {

// Lasts as long as this object, or until the process ends, however it ends.
class Beginning {
 public:
  static Result<Beginning> of(const StateDir&, const std::string& run);
  Beginning(Beginning&& other) noexcept : spool_(std::exchange(other.spool_, {})), lock_(std::move(other.lock_)) {}
  Beginning& operator=(Beginning&&) = delete;
  ~Beginning();

 private:
  Beginning(std::string spool, io::LockFile lock) : spool_(std::move(spool)), lock_(std::move(lock)) {}
  std::string spool_;
  io::LockFile lock_;
};

// Whoever asks about a run that they can read asks this before they ask for its engine: then one of the two is there.
Result<bool> begins(const StateDir&, const std::string& run);

}  // namespace davy::host
