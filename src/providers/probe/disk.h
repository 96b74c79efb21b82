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
// Their tables: disk_fields.cc
template <>
inline constexpr bool kApart<providers::DiskProbe> = true;

}  // namespace davy::spec
