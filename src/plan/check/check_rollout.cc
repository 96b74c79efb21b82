// What only the whole plan shows: two versions that serve at once ask something of platform, router and migrations.
#include <fmt/format.h>

#include <array>

#include "plan/check/rollout_steps.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

class Rollout {
 public:
  explicit Rollout(Reader& r) : r_(r) {}

  void check() {
    for (auto& step : r_.plan.rollout) {
      if (side_by_side(step) || is_one_of<Traffic>(step)) check_abilities(step);
      if (is_one_of<Maintenance>(step)) check_maintenance(step);
      if (auto drain = std::get_if<Drain>(&step.what))
        drain->until ? check_asked(step, *drain->until) : check_sessions(step);
    }
    check_restores();
    check_sight();
    check_maintenance_ends();
    check_what_looks_at_the_page();
    check_what_reads_in_maintenance();
    check_started(r_);
    if (std::ranges::any_of(r_.plan.rollout, [](auto& s) { return side_by_side(s) || is_one_of<Traffic, Ship>(s); }))
      check_migrations(r_.plan.rollout);
  }

 private:
  static std::string why_alone(const Service& service) {
    return service.platform.options.find("one-at-a-time")
               ? "which says that it runs"
               : "whose `health` has no `$port` and so asks whoever listens there: that is right for";
  }
  std::string who_runs(const Service& service) const {
    return alone(r_, service) ? why_alone(service) : "whose platform " + ticked(service.platform.name) + " runs";
  }

  void check_abilities(const Step& step) {
    for (auto& service : r_.plan.services) {
      if (!service.side_by_side)
        r_.d.add(step.mark,
                 fmt::format("{} with the service {}, {} one release at a time", ticked(kind_name(step)),
                             ticked(service.name), who_runs(service)),
                 "stop, release and start; or a platform that runs two");
      if (!service.router)
        r_.d.add(
            step.mark,
            fmt::format("{} with the service {}, which has no router", ticked(kind_name(step)), ticked(service.name)),
            "`router:` in the service, to share the traffic out");
      else if (!can(r_, "router", service.router->name, "shares"))
        r_.d.add(step.mark,
                 fmt::format("{} with the service {}, whose router {} cannot share traffic out",
                             ticked(kind_name(step)), ticked(service.name), ticked(service.router->name)),
                 "a router that can");
    }
  }

  void check_maintenance(const Step& step) {
    if (!r_.plan.maintenance)
      r_.d.add(step.mark, "`maintenance` without a section that says how",
               "`maintenance: { file: /var/lib/app/MAINTENANCE }` or `maintenance: { router: on }` in the plan");
  }

  void check_sessions(const Step& step) {
    for (auto& service : r_.plan.services)
      if (!service.router)
        r_.d.add(step.mark,
                 fmt::format("`drain` without a condition, and the service {} has no router that counts sessions",
                             ticked(service.name)),
                 "a condition, such as `drain: active_connections < 5`");
  }

  // What listens to what comes cannot be asked how it is now, and rules pause while users meet the page.
  void check_asked(const Step& step, const spec::Condition& until) {
    auto name = until.series.substr(0, until.series.find('.'));
    auto signal = std::ranges::find(r_.plan.signals, name, &Signal::name);
    if (signal != r_.plan.signals.end() && !listens(signal->provider.name)) return;
    if (signal == r_.plan.signals.end() && !given(name)) return;  // unknown: told elsewhere
    r_.d.add(step.mark,
             fmt::format("`drain` by {}, which is read from what comes in: it asks how things are now", ticked(name)),
             "a signal that can be asked, such as `health`, `postgres` or any probe, and `SIGNAL.NAME` of it");
  }
  static bool listens(const std::string& kind) {
    constexpr std::array<std::string_view, 4> kListen{"access-log", "haproxy", "lines", "vitals"};
    return std::ranges::find(kListen, kind) != kListen.end();
  }
  bool given(const std::string& series) const {
    return std::ranges::any_of(r_.plan.signals,
                               [&](auto& s) { return std::ranges::find(s.gives, series) != s.gives.end(); });
  }

  // An undo restores what was copied before it, on its way.
  void check_restores() {
    std::vector<std::string> copied;
    for (auto& step : r_.plan.rollout) {
      if (auto backup = std::get_if<Backup>(&step.what)) copied.push_back(backup->what);
      check_restored(step, copied);
      if (auto list = std::get_if<Releasing>(&step.what))
        for (auto& inner : list->steps) check_restored(inner, copied);
    }
  }
  void check_restored(const Step& step, const std::vector<std::string>& copied) {
    auto name = step.common.undo ? step.common.undo->restore : std::string();
    if (name.empty()) return;
    if (name.contains('/'))
      r_.d.add(step.mark, fmt::format("`undo: {{ restore: {} }}`: files are not restored by themselves", name),
               "`{ restore: NAME }` of a database, or a command");
    else if (std::ranges::find(copied, name) == copied.end())
      r_.d.add(step.mark, fmt::format("`undo: {{ restore: {0} }}`, and no `- backup: {0}` stands before it", name),
               "`- backup: " + name + "` further up");
  }

  // A share of the users is given to learn from it. Who serves them all at once may have nothing to look with.
  void check_sight() {
    if (!r_.plan.signals.empty()) return;
    for (auto& step : r_.plan.rollout)
      if (is_one_of<Canary, Rolling>(step))
        r_.d.add(step.mark,
                 fmt::format("{} without a signal: nobody would see how the candidate's users fare",
                             ticked(kind_name(step))),
                 "a signal under `signals:` that tells traffic, or `blue-green`");
  }

  // Nobody wants the page to stay; on every other path the engine takes it down by itself.
  void check_maintenance_ends() {
    const Step* last = nullptr;
    for (auto& step : r_.plan.rollout)
      if (is_one_of<Maintenance>(step)) last = &step;
    if (last && std::get<Maintenance>(last->what).on)
      r_.d.add(last->mark, "`maintenance: on` without `maintenance: off` after it",
               "`- maintenance: off` further down");
  }

  // The router's own 503 is what `${url}` answers until users are let in again.
  void check_what_looks_at_the_page() {
    bool closed = false;
    for (auto& step : r_.plan.rollout) {
      if (auto mode = std::get_if<Maintenance>(&step.what)) closed = mode->on;
      if (!closed || !r_.plan.maintenance || !r_.plan.maintenance->router) continue;
      if (auto verify = std::get_if<Verify>(&step.what))
        for (auto& item : verify->items)
          if (!wants_the_page(item)) meets_the_page(item.provider.options, "`${instance}`, which looks past it");
      if (auto drain = std::get_if<Drain>(&step.what); drain && drain->until)
        for (auto& signal : r_.plan.signals)
          if (signal.name == drain->until->series)
            meets_the_page(signal.provider.options, "a source that looks past it, since `drain` asks it then");
    }
  }

  // Signals pause meanwhile, for rules and checks alike: it could never be told.
  void check_what_reads_in_maintenance() {
    bool closed = false;
    for (auto& step : r_.plan.rollout) {
      if (auto mode = std::get_if<Maintenance>(&step.what)) closed = mode->on;
      if (!closed) continue;
      if (auto verify = std::get_if<Verify>(&step.what)) refuse_conditions(verify->items);
      auto check = std::get_if<Check>(&step.what);
      for (auto& group : r_.plan.checks)
        if (check && std::ranges::find(check->groups, group.name) != check->groups.end())
          refuse_conditions(group.items);
    }
  }
  void refuse_conditions(const std::vector<Probe>& items) {
    for (auto& item : items)
      if (item.provider.name == "condition")
        r_.d.add(item.provider.mark,
                 fmt::format("{} between `maintenance: on` and `off`, where signals pause", ticked(item.title)),
                 "a probe, which asks by itself (`quiet` of a log); or the check behind `maintenance: off`");
  }

  // "Is the page on?" is a question of its own.
  static bool wants_the_page(const Probe& item) {
    return std::ranges::any_of(item.expect, [](auto& condition) { return condition.text.contains("503"); });
  }

  void meets_the_page(const spec::Value& v, const char* instead) {
    if (auto list = v.list())
      for (auto& item : *list) meets_the_page(item, instead);
    if (auto map = v.map())
      for (auto& entry : *map) meets_the_page(entry.value, instead);
    if (v.text() && v.text()->contains("${url}"))
      r_.d.add(v.mark, "`${url}` between `maintenance: on` and `off`: it meets the page", instead);
  }

  void check_migrations(const std::vector<Step>& steps) {
    for (auto& step : steps) {
      if (auto list = std::get_if<Releasing>(&step.what)) check_migrations(list->steps);
      auto migrate = std::get_if<Migrate>(&step.what);
      if (migrate && !migrate->compatible_with_previous)
        r_.d.add(step.mark, "`migrate` where two versions will serve on one schema",
                 "`compatible-with-previous: true` beside it, once that is so");
    }
  }

  Reader& r_;
};

}  // namespace

void check_rollout(Reader& r) { Rollout(r).check(); }

}  // namespace davy::plan
