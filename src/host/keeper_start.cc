#include "host/keeper_start.h"

#include <cstdlib>

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

}  // namespace davy::host
