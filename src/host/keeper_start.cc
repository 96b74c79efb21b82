#include "host/keeper_start.h"

#include <fcntl.h>

#include <cstdlib>

#include "io/posix/posix.h"
#include "io/posix/spawn.h"

namespace davy::host {

io::KeeperOptions keeper_options(const StateDir& dir, const std::string& spool) {
  io::KeeperOptions options{.spool = spool, .instances = dir.instances()};
  if (auto boot = std::getenv("DAVY_TEST_BOOT_ID")) options.boot = boot;
  if (auto patience = std::getenv("DAVY_TEST_PATIENCE"))
    options.patience = std::chrono::milliseconds(std::strtoll(patience, nullptr, 10));
  return options;
}

std::vector<std::string> engine_argv(const StateDir& dir, const std::string& run) {
  return {"/proc/self/exe", "engine", run, "--state", dir.root};
}

std::vector<std::string> notices_argv(const StateDir& dir, const std::string& run) {
  return {"/proc/self/exe", "work", "notices", run, "--state", dir.root};
}

Result<> tell_people(const StateDir& dir, const std::string& run) {
  auto file = dir.spool(run) + "/notices.log";
  io::Fd log(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!log) return std::unexpected(io::system_error("writing " + file));
  auto spawned = io::spawn_davy(notices_argv(dir, run), log.get(), true);
  return spawned ? Result<>() : std::unexpected(spawned.error());
}

}  // namespace davy::host
