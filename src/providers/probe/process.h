// Probe `process`: whether a program runs on this machine, how often, as whom.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct ProcessProbe {
  std::string name;
};

struct FoundProcess {
  std::string pid, user;
};

ports::Observation observed(const ProcessProbe&, const std::vector<FoundProcess>&);
ports::Task<ports::Observation> perform(ProcessProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::ProcessProbe> = "process";
template <>
inline constexpr auto kFields<providers::ProcessProbe> =
    std::tuple{required("process", &providers::ProcessProbe::name, "the program's name, as `ps -C` takes it: nginx")};

}  // namespace davy::spec
