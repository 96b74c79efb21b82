// Probe `notified`: whether people were told, and got it.
#pragma once
#include "ports/past.h"
#include "ports/registry.h"

namespace davy::providers {

struct NotifiedProbe {
  std::string name;
};

ports::Observation observed(const NotifiedProbe&, const ports::Told&, Time now);
ports::Task<ports::Observation> perform(NotifiedProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::NotifiedProbe> = "notified";
template <>
inline constexpr auto kFields<providers::NotifiedProbe> = std::tuple{
    required("notified", &providers::NotifiedProbe::name,
             "a name under `notify`: of one that a step sends this version's notice is meant, of an event any")};

}  // namespace davy::spec
