// Probe `dns`: what the DNS says of a name.
#pragma once
#include "ports/registry.h"

namespace davy::providers {

struct DnsProbe {
  std::string name;
  std::optional<ports::DnsType> type = {};  // absent: its addresses, of either kind
  std::string server = {};
};

std::vector<ports::DnsQuestion> request(const DnsProbe&, Duration timeout);
ports::Observation observed(const DnsProbe&, const std::vector<ports::DnsAnswer>&);
ports::Task<ports::Observation> perform(DnsProbe, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr auto kWords<ports::DnsType> = words<ports::DnsType>({{"A", ports::DnsType::a},
                                                                      {"AAAA", ports::DnsType::aaaa},
                                                                      {"CAA", ports::DnsType::caa},
                                                                      {"CNAME", ports::DnsType::cname},
                                                                      {"MX", ports::DnsType::mx},
                                                                      {"NS", ports::DnsType::ns},
                                                                      {"PTR", ports::DnsType::ptr},
                                                                      {"SOA", ports::DnsType::soa},
                                                                      {"SRV", ports::DnsType::srv},
                                                                      {"TXT", ports::DnsType::txt}});
template <>
inline constexpr std::string_view kShort<providers::DnsProbe> = "dns";
template <>
inline constexpr auto kFields<providers::DnsProbe> = std::tuple{
    required("dns", &providers::DnsProbe::name, "the name, in full: neither /etc/hosts nor a search list is used"),
    optional("type", &providers::DnsProbe::type, "which records; without it addresses, A and AAAA"),
    optional("server", &providers::DnsProbe::server,
             "address of the server to ask, 192.0.2.53 or 127.0.0.1:5353; those of /etc/resolv.conf without")};

}  // namespace davy::spec
