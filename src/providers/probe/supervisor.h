// Probe `supervisor`: whether programs of a supervisord run, and for how long.
#pragma once
#include "ports/registry.h"
#include "providers/platform/supervisor_client.h"

namespace davy::providers {

struct SupervisorProbe {
  std::string programs;
  std::string server = SupervisorPlace{}.server, user, password;
  SupervisorPlace place() const { return {server, user, password}; }
};

bool fit_together(const SupervisorProbe&, const spec::Value&, spec::Diagnostics&);
ports::Observation observed(const std::vector<Program>&);  // one at least
ports::Task<ports::Observation> perform(SupervisorProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {
// Their tables: supervisor_fields.cc
template <>
inline constexpr bool kApart<providers::SupervisorProbe> = true;

}  // namespace davy::spec
