// What starts the services of a plan: by which word, in which order, and whether anything does.
#include <fmt/format.h>

#include <set>

#include "plan/check/rollout_steps.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

class Started {
 public:
  explicit Started(Reader& r) : r_(r) {}

  void check() {
    check_all_users_come_last();
    check_shares();
    check_who_replaces();
    check_slots();
    check_all_are_started();
  }

 private:
  // `restart` gives the candidate all users; what comes after it would take them away again. So does `start` before
  // batches, each of which starts some.
  void check_all_users_come_last() {
    const Step* started = nullptr;
    for (auto& step : r_.plan.rollout) {
      bool gives_all = is_one_of<Restart>(step) || (is_one_of<Start>(step) && has<Rolling>());
      if (gives_all && !started) started = &step;
      if (!started || !(side_by_side(step) || is_one_of<Traffic>(step))) continue;
      auto by = ticked(kind_name(*started)), to = ticked(kind_name(step));
      return r_.d.add(started->mark, fmt::format("{} before {}, which would give all users to the candidate", by, to),
                      is_one_of<Traffic>(step) ? "`- start`: without users where `traffic` follows"
                                               : fmt::format("no {}: {} starts it, without users at first", by, to));
    }
  }

  // By the plan's own steps: the candidate is started beside the previous release, which has the rest until it has all.
  void check_shares() {
    Ratio before{};
    const Step *last = nullptr, *started = nullptr;
    for (auto& step : r_.plan.rollout) {
      if (is_one_of<Start>(step)) started = &step;
      if (is_one_of<Stop>(step) && has<Traffic>())
        r_.d.add(step.mark, "`stop` in a rollout that gives shares: nobody would have the rest",
                 "no `stop`: the previous release is taken down at the end");
      if (side_by_side(step) && has<Traffic>())
        r_.d.add(step.mark, fmt::format("{} and `traffic` in one rollout", ticked(kind_name(step))), "one of the two");
      auto traffic = std::get_if<Traffic>(&step.what);
      if (!traffic) continue;
      if (!started)
        r_.d.add(step.mark, "`traffic` without `start` before it: there is nobody to give it to",
                 "`- start`, beside the previous release and without users");
      if (traffic->share <= before)
        r_.d.add(step.mark, fmt::format("traffic of {} after {}", human(traffic->share), human(before)),
                 "more each time");
      before = traffic->share, last = &step;
    }
    if (last && before != Ratio{1})
      r_.d.add(last->mark, fmt::format("a last share of {}: the previous release would keep the rest", human(before)),
               "`- traffic: 100%` at the end");
  }

  template <class Kind>
  bool has() const {
    return std::ranges::any_of(r_.plan.rollout, [](auto& step) { return is_one_of<Kind>(step); });
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

  // Who replaces by itself is shipped, and by nothing else: one word for one thing.
  void check_who_replaces() {
    for (auto& step : r_.plan.rollout) {
      auto named = named_by(step);
      if (!named) continue;
      for (auto& name : or_all(*named)) {
        auto service = r_.plan.service(name);
        if (!service || service->replaces == is_one_of<Ship>(step)) continue;
        r_.d.add(step.mark,
                 fmt::format("{} with the service {}, whose platform {} {}", ticked(kind_name(step)), ticked(name),
                             ticked(service->platform.name),
                             service->replaces ? "replaces by itself" : "does not replace by itself"),
                 service->replaces ? "`- ship: " + name + "`" : "`- restart: " + name + "`, or a strategy");
      }
    }
  }

  static std::optional<std::vector<std::string>> named_by(const Step& step) {
    if (auto start = std::get_if<Start>(&step.what)) return start->services;
    if (auto stop = std::get_if<Stop>(&step.what)) return stop->services;
    if (auto restart = std::get_if<Restart>(&step.what)) return restart->services;
    if (auto ship = std::get_if<Ship>(&step.what)) return ship->services;
    return side_by_side(step) ? std::optional(std::vector<std::string>{}) : std::nullopt;
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
      if (auto ship = std::get_if<Ship>(&step.what)) all(ship->services);
      if (side_by_side(step)) all({});
    }
    for (auto& service : r_.plan.services)
      if (!r_.plan.rollout.empty() && !started.contains(service.name) &&
          (service.replaces || has_room_for_two(r_, service.platform)))
        r_.d.add(r_.plan.rollout.front().mark, fmt::format("a rollout that starts nothing of {}", ticked(service.name)),
                 service.replaces ? "`- ship`" : "`- start`, `- restart` or a strategy");
  }

  void check_start(const Step& step, const std::string& name, bool was_stopped) {
    auto service = r_.plan.service(name);
    if (!service || was_stopped || service->side_by_side) return;
    r_.d.add(step.mark,
             fmt::format("`start` of {} without `stop` before it: {} one release at a time", ticked(name),
                         alone(r_, *service) ? "it says that it runs"
                                             : "its platform " + ticked(service->platform.name) + " runs"),
             "`- stop` before, or `- restart`");
  }

  std::vector<std::string> or_all(const std::vector<std::string>& named) const {
    if (!named.empty()) return named;
    std::vector<std::string> all;
    for (auto& service : r_.plan.services) all.push_back(service.name);
    return all;
  }

  Reader& r_;
};

}  // namespace

void check_started(Reader& r) { Started(r).check(); }

}  // namespace davy::plan
