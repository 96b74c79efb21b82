// Probe `service`: how a service of the plan runs, in its platform's own words.
#pragma once
#include "ports/registry.h"
#include "ports/running.h"

namespace davy::providers {

struct ServiceProbe {
  std::string name;
};

ports::Observation observed(const ServiceProbe&, const ports::ServiceState&);
ports::Task<ports::Observation> perform(ServiceProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::ServiceProbe> = "service";
template <>
inline constexpr auto kFields<providers::ServiceProbe> =
    std::tuple{required("service", &providers::ServiceProbe::name, "a service of the plan")};

}  // namespace davy::spec
