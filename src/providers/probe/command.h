// Probe `command`: runs a command line; well is exit 0.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct CommandProbe {
  std::string text, cwd, json;
  spec::Measure unit = {};
};

ports::CommandSpec request(const CommandProbe&, const ports::Asking&);
Result<ports::Observation> observed(const CommandProbe&, const ports::CommandEnd&);
ports::Task<ports::Observation> perform(CommandProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::CommandProbe> = "command";
template <>
inline constexpr auto kFields<providers::CommandProbe> = std::tuple{
    required("command", &providers::CommandProbe::text,
             "handed to /bin/sh untouched; $version, $environment … are in its environment"),
    optional("json", &providers::CommandProbe::json,
             "path (a.b.0.c, or . for all of it) in the JSON that it prints to what `value` and `count` mean"),
    optional("unit", &providers::CommandProbe::unit,
             "what the number means that it prints: percent (75), share (0.75), ms, s, B, MB, /s …; without "
             "one it is a bare number"),
    optional("cwd", &providers::CommandProbe::cwd, "where it runs")};

}  // namespace davy::spec
