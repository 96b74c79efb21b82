// Probe `tcp`: a port accepts connections. Being refused is what it sees, not a failure to look.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct TcpProbe {
  std::string address;
};

ports::Task<ports::Observation> perform(TcpProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::TcpProbe> = "tcp";
template <>
inline constexpr auto kFields<providers::TcpProbe> =
    std::tuple{required("tcp", &providers::TcpProbe::address, "host:port, or the path of a socket")};

}  // namespace davy::spec
