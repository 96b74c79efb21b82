#include "providers/probe/service.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::providers {

ports::Observation observed(const ServiceProbe& o, const ports::ServiceState& seen) {
  auto up = std::ranges::count_if(seen.instances, &ports::Endpoint::alive);
  auto all = std::ssize(seen.instances);
  ports::Observation out{.ok = up > 0 && up == all && seen.healthy.has_value(), .unwell = {"value"}};
  out.numbers = {{"instances", static_cast<double>(all)}, {"up", static_cast<double>(up)}};
  out.words = {{"value", out.ok ? "healthy" : up > 0 ? "unhealthy" : "down"}, {"release", seen.release}};
  out.says = all == 0 ? "nobody of " + o.name + " runs" : fmt::format("{}: {} of {} up", seen.release, up, all);
  for (auto& one : seen.instances)
    if (!one.alive) return out.says += fmt::format("; instance {}: {}", one.index, printable(one.says)), out;
  if (up > 0 && !seen.healthy) out.says += "; " + printable(seen.healthy.error().message);
  return out;
}

ports::Task<ports::Observation> perform(ServiceProbe o, ports::Outside& out, ports::Asking) {
  if (!out.running) co_return fail(Code::unavailable, "nobody knows the services of the plan here");
  auto seen = co_await out.running->of(o.name);
  if (!seen) co_return std::unexpected(seen.error());
  co_return observed(o, *seen);
}

void add_service_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<ServiceProbe>("service",
                        "Asks a service's platform how it runs; well is: somebody does, and all are healthy.",
                        "{ service: shop, expect: instances = 2 }", perform,
                        {{"value", spec::kWord, "healthy, unhealthy or down"},
                         {"instances", Unit::none, "instances, dead ones too"},
                         {"up", Unit::none, "of them, how many run"},
                         {"release", spec::kWord, "which release is meant: what is shipped, else what serves"}});
}

}  // namespace davy::providers
