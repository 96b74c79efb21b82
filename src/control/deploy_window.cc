#include "control/deploy_window.h"

#include <fmt/format.h>

#include "base/text.h"
#include "control/frozen.h"
#include "ports/calendar.h"

namespace davy::control {
namespace {

Result<> zone_is_known(const std::string& zone) {
  if (ports::is_zone(zone)) return {};
  return fail(Code::invalid, fmt::format("this machine does not know the time zone `{}`", zone),
              "look at the plan's `timezone`, and whether the package tzdata is installed");
}

constexpr const char* kAllTheSame =
    "`davy deploy VERSION --now --why WHY` begins all the same, and the record says why";

Result<> nobody_froze(Runs& runs, const std::string& environment) {
  auto all = frozen(runs);
  if (!all) return std::unexpected(all.error());
  for (auto& one : *all)
    if (one.environment == environment)
      return fail(Code::refused,
                  fmt::format("{} is frozen until {} by {}: {}", environment, timestamp(one.until), printable(one.who),
                              printable(one.why)),
                  kAllTheSame);
  return {};
}

}  // namespace

Result<> not_frozen(Runs& runs, const plan::Plan& plan, const Wish& wish) {
  if (wish.now) return {};
  if (auto thawed = nobody_froze(runs, wish.environment); !thawed) return thawed;
  auto* environment = plan.environment(wish.environment);
  if (!environment || environment->freeze.all.empty()) return {};
  if (auto known = zone_is_known(environment->timezone); !known) return known;
  auto freeze = ports::frozen({environment->timezone, {}, environment->freeze}, runs.now());
  if (!freeze) return {};
  return fail(Code::refused,
              fmt::format("{} is frozen on the days {} ({}): {}", wish.environment, freeze->text, environment->timezone,
                          printable(freeze->why)),
              kAllTheSame);
}

Result<> say_when_it_opens(run::Runbook& book, Time now) {
  for (auto& step : book.steps) {
    if (step.call.port != "wait" || step.call.operation != "window") continue;
    auto calendar = ports::calendar_of(step.call.args);
    if (auto known = zone_is_known(calendar.zone); !known) return known;
    auto opens = ports::opens(calendar, now);
    if (!opens) return fail(Code::invalid, step.says + ": it does not open within two years");
    step.expected = *opens - now;
    step.says += *opens == now ? ", which is open" : ", which opens " + ports::local_text(calendar.zone, *opens);
  }
  return {};
}

}  // namespace davy::control
