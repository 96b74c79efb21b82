// Probe `disk`: what room is left where a path lies.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct DiskProbe {
  std::string path;
};

ports::Observation observed(const DiskProbe&, ports::Files::Space);
ports::Task<ports::Observation> perform(DiskProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::DiskProbe> = "disk";
template <>
inline constexpr auto kFields<providers::DiskProbe> =
    std::tuple{required("disk", &providers::DiskProbe::path, "a path on the file system to look at")};

}  // namespace davy::spec
