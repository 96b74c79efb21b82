#include "watch/alarms.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace davy::watch {
namespace {

std::string blind_name(const run::Rule& rule, Duration so_long) {
  return fmt::format("cannot tell for {} whether {}", human(so_long), rule.when.text);
}

// Between runs nobody is held: whoever would decide is called.
run::Consequence between_runs(run::Consequence then) {
  return then == run::Consequence::hold ? run::Consequence::page : then;
}

}  // namespace

Alarms::Alarms(const std::vector<run::Rule>& rules, const std::set<std::string>& firing) {
  std::ranges::copy_if(rules, std::back_inserter(rules_), [](auto& r) { return !r.dry_run && !r.when.relative(); });
  for (auto& rule : rules_)
    all_.push_back({.pending = {},
                    .blind = {},
                    .fires = firing.contains(rule.when.text),
                    .warned = firing.contains(blind_name(rule, kBlindWarns)),
                    .paged = firing.contains(blind_name(rule, kBlindPages)),
                    .confirmed = !firing.contains(rule.when.text)});
}

void Alarms::tell(std::vector<Alarm>& out, std::size_t rule, bool holds, const std::string& says) {
  all_[rule].fires = holds;
  out.push_back({rules_[rule].when.text, between_runs(rules_[rule].then), holds, says});
}

// A rule of which nobody can tell fires no alarm and ends none: that it is blind is told for itself.
void Alarms::see_blindness(std::vector<Alarm>& out, std::size_t rule, bool blind, const std::string& says, Time now) {
  auto& one = all_[rule];
  if (!blind) {
    if (std::exchange(one.warned, false))
      out.push_back({blind_name(rules_[rule], kBlindWarns), run::Consequence::warn, false, says});
    if (std::exchange(one.paged, false))
      out.push_back({blind_name(rules_[rule], kBlindPages), run::Consequence::page, false, says});
    one.blind.reset();
    return;
  }
  if (!one.blind) one.blind = now;
  if (now - *one.blind >= kBlindWarns && !std::exchange(one.warned, true))
    out.push_back({blind_name(rules_[rule], kBlindWarns), run::Consequence::warn, true, says});
  if (now - *one.blind >= kBlindPages && !std::exchange(one.paged, true))
    out.push_back({blind_name(rules_[rule], kBlindPages), run::Consequence::page, true, says});
}

std::vector<Alarm> Alarms::see(std::size_t rule, const RuleSeen& seen, Time now) {
  std::vector<Alarm> out;
  auto& one = all_[rule];
  auto& [holds, quiet, says] = seen;
  see_blindness(out, rule, !holds && !quiet, says, now);
  if (!holds || !*holds) one.pending.reset();  // a gap breaks it, as in Prometheus
  if (!holds) return out;
  if (!*holds && one.fires) tell(out, rule, false, says);
  if (*holds && one.fires && !std::exchange(one.confirmed, true)) tell(out, rule, true, says);
  if (!*holds || one.fires) return out;
  if (!one.pending) one.pending = now;
  if (now - *one.pending >= rules_[rule].when.held) tell(out, rule, true, says);
  return out;
}

}  // namespace davy::watch
