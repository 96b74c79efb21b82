// Signal `vitals`: how fast pages are for their users, as the pages say themselves.
#pragma once
#include "ports/listening.h"
#include "providers/signal/steady.h"
#include "spec/fields.h"

namespace davy::providers {

struct VitalsSignal {
  std::string address, path = "/vitals";
  std::vector<std::string> origins;
  std::string release_by = "version";
  Duration last = std::chrono::minutes(5);
};

// It listens from its first look on; while it cannot, it is away.
Result<std::unique_ptr<ports::Source>> vitals_source(VitalsSignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers

namespace davy::spec {

template <>
inline constexpr std::string_view kShort<providers::VitalsSignal> = "vitals";
template <>
inline constexpr auto kFields<providers::VitalsSignal> = std::tuple{
    required("vitals", &providers::VitalsSignal::address,
             "where to listen, such as 127.0.0.1:9180; a proxy with TLS stands before it"),
    optional("path", &providers::VitalsSignal::path, "what beacons are posted to"),
    optional("origins", &providers::VitalsSignal::origins,
             "whose pages may send, such as [https://shop.example.com]; \"*\" is anybody; without it nobody is asked"),
    optional("release-by", &providers::VitalsSignal::release_by,
             "field of a beacon that names its release; \"\": none, all are the service's"),
    optional("last", &providers::VitalsSignal::last, "how far back a percentile looks")};

}  // namespace davy::spec
