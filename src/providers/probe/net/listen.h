// Probe `listen`: whether anybody on this machine listens on a TCP port, and at which addresses: a port that is open to
// all is seen, and one that only loopback reaches.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct ListenProbe {
  std::int32_t port = 0;
};

bool fit_together(const ListenProbe&, const spec::Value&, spec::Diagnostics&);

// Of /proc/net/tcp or tcp6 (proc(5)): the local addresses of sockets that listen on the port.
std::vector<std::string> listening(std::string_view table, std::int32_t port);
ports::Observation observed(const ListenProbe&, std::vector<std::string> addresses);
ports::Task<ports::Observation> perform(ListenProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::ListenProbe> = "listen";
template <>
inline constexpr auto kFields<providers::ListenProbe> =
    std::tuple{required("listen", &providers::ListenProbe::port, "a TCP port of this machine")};

}  // namespace davy::spec
