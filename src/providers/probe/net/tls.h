// Probe `tls`: the certificate that a server shows, or that lies in a file; how long it is good, for whom, by whose
// word.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct TlsProbe {
  std::string place;  // host:port, or a file
  std::string name = {}, ca = {};
  ports::StartTls start = ports::StartTls::none;
};

bool is_file(const TlsProbe&);
bool fit_together(const TlsProbe&, const spec::Value&, spec::Diagnostics&);
ports::TlsQuestion request(const TlsProbe&, const ports::Asking&);
ports::Observation observed(const TlsProbe&, const ports::TlsSeen&, Time now);
ports::Observation observed(const TlsProbe&, const std::vector<ports::Certificate>&, Time now);
ports::Task<ports::Observation> perform(TlsProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr auto kWords<ports::StartTls> = words<ports::StartTls>({{"none", ports::StartTls::none},
                                                                        {"smtp", ports::StartTls::smtp},
                                                                        {"imap", ports::StartTls::imap},
                                                                        {"pop3", ports::StartTls::pop3},
                                                                        {"ftp", ports::StartTls::ftp},
                                                                        {"postgres", ports::StartTls::postgres}});
template <>
inline constexpr std::string_view kShort<providers::TlsProbe> = "tls";
template <>
inline constexpr auto kFields<providers::TlsProbe> = std::tuple{
    required("tls", &providers::TlsProbe::place, "host:port to shake hands with, or a file of certificates in PEM"),
    optional("starttls", &providers::TlsProbe::start, "how a connection begins that is in the clear at first"),
    optional("name", &providers::TlsProbe::name,
             "the name that it must be for, and that the server is told; the host without"),
    optional("ca", &providers::TlsProbe::ca, "file of certificates to trust instead of the system's")};

}  // namespace davy::spec
