#include "host/beginning.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

namespace davy::host {
namespace fs = std::filesystem;

namespace {
std::string lock_in(const std::string& spool) { return spool + "/beginning.lock"; }
}  // namespace

Result<Beginning> Beginning::of(const StateDir& dir, const std::string& run) {
  auto spool = dir.spool(run);
  if (auto made = io::make_folders(spool); !made) return std::unexpected(made.error());
  std::error_code error;
  fs::permissions(spool, fs::perms::owner_all, error);
  auto lock = io::LockFile::take(lock_in(spool), fmt::format("pid {}", ::getpid()));
  if (!lock) return std::unexpected(lock.error());
  return Beginning(std::move(spool), std::move(*lock));
}

// A spool in which nothing else lies is of a run that did not come to be.
Beginning::~Beginning() {
  if (spool_.empty()) return;
  std::error_code stays;
  fs::remove(lock_in(spool_), stays);
  fs::remove(spool_, stays);
}

Result<bool> begins(const StateDir& dir, const std::string& run) {
  auto held = io::LockFile::holder(lock_in(dir.spool(run)));
  if (!held) return std::unexpected(held.error());
  return held->has_value();
}

}  // namespace davy::host
