#include "providers/probe/notified.h"

#include <fmt/format.h>

#include "base/text.h"

namespace davy::providers {
ports::Observation observed(const NotifiedProbe& o, const ports::Told& told, Time now) {
  auto age = now - told.at;
  return {.ok = told.to > 0 && told.reached == told.to,
          .unwell = {"value"},
          .says = fmt::format("{} happened {} ago, and reached {} of {}", printable(o.name), human(age), told.reached,
                              told.to),
          .numbers = {{"age", seconds(age)}, {"reached", static_cast<double>(told.reached)}},
          .words = {{"value", told.reached == told.to ? "told" : "on its way"}}};
}

ports::Task<ports::Observation> perform(NotifiedProbe o, ports::Outside& out, ports::Asking who) {
  if (!out.past) co_return fail(Code::unavailable, "nobody knows what people were told here");
  std::optional<ports::Told> newest;
  for (auto& [service, platform] : who.services) {
    auto told = co_await out.past->notified(o.name, service, who.variables["environment"], who.variables["version"]);
    if (!told) co_return std::unexpected(told.error());
    if (*told && (!newest || (*told)->at > newest->at)) newest = **told;
  }
  if (newest) co_return observed(o, *newest, out.clock.now());
  co_return ports::Observation{
      .unwell = {"value"}, .says = printable(o.name) + " was never told", .words = {{"value", "never"}}};
}

void add_notified_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<NotifiedProbe>("notified", "Looks into Davy's record; well is: it happened, and reached all whom it is for.",
                         "{ notified: announcement }", perform,
                         {{"value", spec::kWord, "told, on its way or never"},
                          {"age", Unit::seconds, "since it happened"},
                          {"reached", Unit::none, "how many ways took it"}});
}

}  // namespace davy::providers
