#include "providers/probe/deployed.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::providers {

ports::Observation observed(const DeployedProbe& o, const std::string& version,
                            const std::map<std::string, ports::Deployment>& by_service, Time now) {
  auto there = [&](auto& one) { return one.second.version == version; };
  auto worst = std::ranges::find_if_not(by_service, there);
  bool ok = worst == by_service.end();
  if (ok) worst = std::ranges::max_element(by_service, {}, [](auto& one) { return one.second.ended; });
  auto& [service, what] = *worst;
  auto age = now - what.ended;
  return {.ok = ok,
          .unwell = {"value"},
          .says = fmt::format("by the record run {} shipped {} {} to {} {} ago", what.run, service,
                              printable(what.version), o.environment, human(age)),
          .numbers = {{"age", seconds(age)}},
          .words = {{"value", what.version}}};
}

ports::Task<ports::Observation> perform(DeployedProbe o, ports::Outside& out, ports::Asking who) {
  if (!out.past) co_return fail(Code::unavailable, "nobody knows what was deployed here");
  std::map<std::string, ports::Deployment> found;
  for (auto& [service, platform] : who.services) {
    if (!o.service.empty() && service != o.service) continue;
    auto one = co_await out.past->deployed(service, o.environment);
    if (!one) co_return std::unexpected(one.error());
    // Nobody knows whether it is there: it may have been deployed from another machine.
    if (!*one)
      co_return fail(Code::unavailable, fmt::format("no deployment of {} to {} is on record in {}", service,
                                                    printable(o.environment), out.past->where()));
    found[service] = **one;
  }
  if (found.empty()) co_return fail(Code::invalid, "the plan has no service `" + printable(o.service) + "`");
  co_return observed(o, who.variables["version"], found, out.clock.now());
}

void add_deployed_probe(ports::Registry& r) {
  r.probe<DeployedProbe>("deployed",
                         "Looks into Davy's record; well is: this version was deployed there, was not taken back, and "
                         "nothing was shipped since.",
                         "{ deployed: staging, expect: age > 24h }", perform,
                         {{"value", spec::kWord, "the version that was shipped there last, by the record"},
                          {"age", spec::Unit::seconds, "since that rollout ended"}});
}

}  // namespace davy::providers
