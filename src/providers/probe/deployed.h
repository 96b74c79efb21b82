// Probe `deployed`: whether this version was shipped to another environment, and is there still.
#pragma once
#include "ports/past.h"
#include "ports/registry.h"

namespace davy::providers {

struct DeployedProbe {
  std::string environment, service;  // service: empty: all of the plan's
};

// The worst of several services: one that is not there, then the youngest.
ports::Observation observed(const DeployedProbe&, const std::string& version,
                            const std::map<std::string, ports::Deployment>& by_service, Time now);
ports::Task<ports::Observation> perform(DeployedProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::DeployedProbe> = "deployed";
template <>
inline constexpr auto kFields<providers::DeployedProbe> =
    std::tuple{required("deployed", &providers::DeployedProbe::environment, "an environment"),
               optional("service", &providers::DeployedProbe::service, "one of the plan's; without it each")};

}  // namespace davy::spec
