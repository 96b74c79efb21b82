// Router `command`: whatever the user's own commands can do.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct CommandRouterOptions {
  std::string shift, read, maintenance, cwd;
  Duration timeout = std::chrono::seconds(30);
};

// Lines of `read`: "shop@2 25", "shop@1 75%".
Result<std::vector<ports::Served>> shares_of(std::string_view output);

std::unique_ptr<ports::Router> command_router(CommandRouterOptions, ports::Outside&, ports::Place);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::CommandRouterOptions> = "command";
template <>
inline constexpr auto kFields<providers::CommandRouterOptions> = std::tuple{
    required("command", &providers::CommandRouterOptions::shift,
             "gives $release $share percent (0 to 100) of the users and the rest to $rest"),
    required("read", &providers::CommandRouterOptions::read, "prints a line `release share` for each that has users"),
    optional("maintenance", &providers::CommandRouterOptions::maintenance,
             "switches maintenance: $maintenance is on or off"),
    optional("timeout", &providers::CommandRouterOptions::timeout, "when to give a command up"),
    optional("cwd", &providers::CommandRouterOptions::cwd, "where the commands run")};

}  // namespace davy::spec
