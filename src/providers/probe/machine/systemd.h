// Probe `systemd`: how a unit is, as `systemctl show` has it.
// Source: systemctl(1), org.freedesktop.systemd1(5).
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct SystemdProbe {
  std::string unit;
  bool user = false;
};

bool fit_together(const SystemdProbe&, const spec::Value&, spec::Diagnostics&);
ports::CommandSpec request(const SystemdProbe&, const ports::Asking&);
// uptime: the machine's own, /proc/uptime; nothing: nobody knows how long the unit is up.
Result<ports::Observation> observed(const SystemdProbe&, const ports::CommandEnd&, std::optional<Duration> uptime);
ports::Task<ports::Observation> perform(SystemdProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::SystemdProbe> = "systemd";
template <>
inline constexpr auto kFields<providers::SystemdProbe> =
    std::tuple{required("systemd", &providers::SystemdProbe::unit, "a unit: postgresql, or backup.timer"),
               optional("user", &providers::SystemdProbe::user, "a unit of the user's own manager")};

}  // namespace davy::spec
