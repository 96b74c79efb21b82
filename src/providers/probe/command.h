// Probe `command`: runs a command line; well is exit 0.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct CommandProbe {
  std::string text, cwd;
};

ports::CommandSpec request(const CommandProbe&, const ports::Asking&);
Result<ports::Observation> observed(const ports::CommandEnd&);
ports::Task<ports::Observation> perform(CommandProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::CommandProbe> = "command";
template <>
inline constexpr auto kFields<providers::CommandProbe> =
    std::tuple{required("command", &providers::CommandProbe::text,
                        "handed to /bin/sh untouched; $version, $environment … are in its environment"),
               optional("cwd", &providers::CommandProbe::cwd, "where it runs")};

}  // namespace davy::spec
