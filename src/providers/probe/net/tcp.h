// Probe `tcp`: a port accepts connections, and says what is awaited. Being refused is what it sees, not a failure to
// look.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

// One turn of a dialogue. say: a line, which is ended as protocols by the line have it, unless it ends itself. hear:
// what must come.
struct TcpTurn {
  std::string say, hear;
};
struct TcpProbe {
  std::string address;
  std::vector<TcpTurn> talk;
};

bool fit_together(const TcpProbe&, const spec::Value&, spec::Diagnostics&);
std::vector<ports::Turn> turns(const TcpProbe&);
ports::Observation observed(const TcpProbe&, const ports::Dialogue&, Duration took);
ports::Task<ports::Observation> perform(TcpProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr auto kFields<providers::TcpTurn> = std::tuple{
    optional("say", &providers::TcpTurn::say, "a line to send; CR LF is put behind it unless it ends with \\n"),
    optional("hear", &providers::TcpTurn::hear, "a text to listen for; without it nothing is awaited")};
template <>
inline constexpr std::string_view kShort<providers::TcpProbe> = "tcp";
template <>
inline constexpr auto kFields<providers::TcpProbe> =
    std::tuple{required("tcp", &providers::TcpProbe::address, "host:port, or the path of a socket"),
               optional("talk", &providers::TcpProbe::talk,
                        "what is said and must be heard, turn by turn, such as [{ hear: \"220 \" }, { say: QUIT, hear: "
                        "\"221 \" }]; 64 KiB at most are heard")};

}  // namespace davy::spec
