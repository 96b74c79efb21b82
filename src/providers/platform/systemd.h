// Platform `systemd`: a unit that somebody wrote, started and stopped in place; or a template, of which Davy starts
// instances that are named by their ports, so that two releases run side by side.
// Source: systemd.unit(5), systemd.service(5).
#pragma once
#include "ports/registry.h"
#include "ports/units.h"
#include "providers/platform/process.h"

namespace davy::providers {

struct SystemdOptions {
  std::string unit, health, host = "127.0.0.1";
  bool user = false;
  HowMany instances;
  PortRange ports;
  Duration up_within = std::chrono::seconds(90);  // systemd's own DefaultTimeoutStartSec
  std::optional<Duration> healthy_for;            // nothing: 1 s without `health`, else no time
  std::optional<Duration> stop_within;            // nothing: as the unit has it
  ports::Manager manager() const { return user ? ports::Manager::user : ports::Manager::system; }
};

bool fit_together(const SystemdOptions&, const spec::Value&, spec::Diagnostics&);

std::unique_ptr<ports::Platform> systemd_platform(ports::Outside&, ports::Place);

}  // namespace davy::providers

namespace davy::spec {
// Their tables: systemd_fields.cc
template <>
inline constexpr bool kApart<providers::SystemdOptions> = true;

}  // namespace davy::spec
