// Platform `command`: everything else, by the user's own commands. In place, one slot: the release that runs is the one
// that was started last. With `endpoints` two releases run side by side.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct CommandPlatformOptions {
  std::string start, stop, status, endpoints, cwd;
  std::int32_t instances = 1;
  Duration up_within = std::chrono::seconds(30);
};

// "127.0.0.1:8001" for each instance of $release; "127.0.0.1:8001 shop@2" where no release was asked for.
Result<std::vector<ports::Endpoint>> endpoints_of(std::string_view output, const std::string& release);

std::unique_ptr<ports::Platform> command_platform(ports::Outside&, ports::Place);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::CommandPlatformOptions> = "command";
template <>
inline constexpr auto kFields<providers::CommandPlatformOptions> = std::tuple{
    required("command", &providers::CommandPlatformOptions::start,
             "starts $instances instances of $version ($release); fine when they run already"),
    required("stop", &providers::CommandPlatformOptions::stop,
             "stops all of $release but the first $keep; fine when nothing runs"),
    required("status", &providers::CommandPlatformOptions::status, "exit 0: it runs and is healthy"),
    optional("endpoints", &providers::CommandPlatformOptions::endpoints,
             "prints `host:port` per instance of $release, or `host:port release` of all when $release is empty"),
    optional("instances", &providers::CommandPlatformOptions::instances, "how many of a release"),
    optional("up-within", &providers::CommandPlatformOptions::up_within,
             "how long the start and `status` may take until it says so; what hangs is ended then"),
    optional("cwd", &providers::CommandPlatformOptions::cwd, "where the commands run")};

}  // namespace davy::spec
