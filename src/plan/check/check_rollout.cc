// What only the whole plan shows: two versions that serve at once ask something of platform, router and migrations.
#include <fmt/format.h>

#include <set>

#include "plan/parse/reader.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

template <class... Kinds>
bool is_one_of(const Step& step) {
  return (std::holds_alternative<Kinds>(step.what) || ...);
}

bool side_by_side(const Step& s) { return is_one_of<Canary, BlueGreen, Rolling>(s); }

std::string_view kind_name(const Step& s) {
  return is_one_of<Canary>(s)      ? "canary"
         : is_one_of<BlueGreen>(s) ? "blue-green"
         : is_one_of<Rolling>(s)   ? "rolling"
                                   : "traffic";
}

class Rollout {
 public:
  explicit Rollout(Reader& r) : r_(r) {}

  void check() {
    for (auto& step : r_.plan.rollout) {
      if (side_by_side(step) || is_one_of<Traffic>(step)) check_abilities(step);
      if (is_one_of<Maintenance>(step)) check_maintenance(step);
      if (is_one_of<Drain>(step) && !std::get<Drain>(step.what).until) check_sessions(step);
    }
    check_sight();
    check_started_before();
    check_maintenance_ends();
    check_what_looks_at_the_page();
    check_slots();
    check_all_are_started();
    if (std::ranges::any_of(r_.plan.rollout, [](auto& s) { return side_by_side(s) || is_one_of<Traffic>(s); }))
      check_migrations(r_.plan.rollout);
  }

 private:
  bool can(std::string_view port, const std::string& name, std::string_view what) const {
    auto term = r_.words.find(port, name);
    return term && std::ranges::find(term->can, what) != term->can.end();
  }

  // A platform that runs two, but the service says that it must not.
  bool alone(const Service& service) const {
    return !service.side_by_side && can("platform", service.platform.name, "side-by-side");
  }
  static std::string why_alone(const Service& service) {
    return service.platform.options.find("one-at-a-time")
               ? "which says that it runs"
               : "whose `health` has no `$port` and so asks whoever listens there: that is right for";
  }
  std::string who_runs(const Service& service) const {
    return alone(service) ? why_alone(service) : "whose platform " + ticked(service.platform.name) + " runs";
  }

  void check_abilities(const Step& step) {
    for (auto& service : r_.plan.services) {
      if (side_by_side(step) && !service.side_by_side)
        r_.d.add(step.mark,
                 fmt::format("{} with the service {}, {} one release at a time", ticked(kind_name(step)),
                             ticked(service.name), who_runs(service)),
                 "stop, release and start; or a platform that runs two");
      if (!service.router)
        r_.d.add(
            step.mark,
            fmt::format("{} with the service {}, which has no router", ticked(kind_name(step)), ticked(service.name)),
            "`router:` in the service, to share the traffic out");
      else if (!can("router", service.router->name, "shares"))
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

  // `start` gives the candidate all users; what comes after it would take them away again.
  void check_started_before() {
    const Step* started = nullptr;
    for (auto& step : r_.plan.rollout) {
      if (is_one_of<Start>(step) && !started) started = &step;
      if (!started || !side_by_side(step)) continue;
      return r_.d.add(
          started->mark,
          fmt::format("`start` before {}, which would give all users to the candidate", ticked(kind_name(step))),
          fmt::format("no `start`: {} starts it, without users at first", ticked(kind_name(step))));
    }
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

  // A platform with one slot: what serves must end before what was released can start.
  void check_slots() {
    std::set<std::string> stopped;
    for (auto& step : r_.plan.rollout) {
      if (auto stop = std::get_if<Stop>(&step.what))
        for (auto& name : or_all(stop->services)) stopped.insert(name);
      if (auto start = std::get_if<Start>(&step.what))
        for (auto& name : or_all(start->services)) check_start(step, name, stopped.erase(name) > 0);
    }
  }

  // Instances that Davy starts itself: what no step starts would be said to serve, and would not.
  void check_all_are_started() {
    std::set<std::string> started;
    for (auto& step : r_.plan.rollout) {
      auto all = [&](const std::vector<std::string>& named) {
        for (auto& name : or_all(named)) started.insert(name);
      };
      if (auto start = std::get_if<Start>(&step.what)) all(start->services);
      if (auto restart = std::get_if<Restart>(&step.what)) all(restart->services);
      if (side_by_side(step)) all({});
    }
    for (auto& service : r_.plan.services)
      if (!r_.plan.rollout.empty() && !started.contains(service.name) &&
          can("platform", service.platform.name, "side-by-side"))
        r_.d.add(r_.plan.rollout.front().mark, fmt::format("a rollout that starts nothing of {}", ticked(service.name)),
                 "`- start`, `- restart` or a strategy");
  }

  void check_start(const Step& step, const std::string& name, bool was_stopped) {
    auto service = r_.plan.service(name);
    if (!service || was_stopped || service->side_by_side) return;
    r_.d.add(step.mark,
             fmt::format(
                 "`start` of {} without `stop` before it: {} one release at a time", ticked(name),
                 alone(*service) ? "it says that it runs" : "its platform " + ticked(service->platform.name) + " runs"),
             "`- stop` before, or `- restart`");
  }

  std::vector<std::string> or_all(const std::vector<std::string>& named) const {
    if (!named.empty()) return named;
    std::vector<std::string> all;
    for (auto& service : r_.plan.services) all.push_back(service.name);
    return all;
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
