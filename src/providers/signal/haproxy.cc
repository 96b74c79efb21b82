#include "providers/signal/haproxy.h"

#include "ports/registry.h"
#include "providers/signal/traffic_series.h"

namespace davy::providers {
namespace {

std::vector<spec::GivenSeries> haproxy_series() {
  auto out = traffic_series();
  out.push_back({"sessions", "requests and connections inside the release now; needs `stats`"});
  out.push_back({"queue", "requests that wait for the release; needs `stats`"});
  return out;
}

}  // namespace

void add_haproxy_signal(ports::Registry& r) {
  r.signal<HaproxySignal>("haproxy", "HAProxy's traffic log: requests, errors, latency of each release.",
                          "{ haproxy: /run/davy/haproxy.log.sock, ignore: [/health], stats: /run/haproxy/admin.sock }",
                          haproxy_series());
}

}  // namespace davy::providers
