// Platform `supervisor`: programs of a supervisord that is there. In place, one slot: a release is started from the
// files that are there, so the one that runs is the one that was started last.
#pragma once
#include "ports/registry.h"
#include "providers/platform/supervisor_client.h"

namespace davy::providers {

struct SupervisorOptions {
  std::string programs;
  std::string server = SupervisorPlace{}.server, user, password, health;
  Duration up_within = std::chrono::seconds(30);
  Duration healthy_for = std::chrono::seconds(10);
  SupervisorPlace place() const { return {server, user, password}; }
};

bool fit_together(const SupervisorOptions&, const spec::Value&, spec::Diagnostics&);

std::unique_ptr<ports::Platform> supervisor_platform(ports::Outside&, ports::Place);

}  // namespace davy::providers

namespace davy::spec {
// Their tables: supervisor_fields.cc
template <>
inline constexpr bool kApart<providers::SupervisorOptions> = true;

}  // namespace davy::spec
