// Whether the two releases of a service may run at once outside of a strategy that says so: in place, when the
// candidate is started and when the previous release comes back. Where not all of this is known to be so, one is
// stopped before the other starts.
#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "rollout/builder.h"

namespace davy::rollout {
namespace {

// Two schemas at once, or one slot of files.
bool shares_what_changes(const std::vector<plan::Step>& steps) {
  return std::ranges::any_of(steps, [](const plan::Step& step) {
    auto migrate = std::get_if<plan::Migrate>(&step.what);
    return std::holds_alternative<plan::Releasing>(step.what) || (migrate && !migrate->compatible_with_previous);
  });
}

bool stops(const plan::Step& step, const std::string& service) {
  auto stop = std::get_if<plan::Stop>(&step.what);
  return stop && (stop->services.empty() || std::ranges::find(stop->services, service) != stop->services.end());
}

bool starts(const plan::Step& step, const std::string& service) {
  auto start = std::get_if<plan::Start>(&step.what);
  return start && (start->services.empty() || std::ranges::find(start->services, service) != start->services.end());
}

// What is done while nobody runs, and is to be taken back, may be why nobody runs.
bool works_while_stopped(const std::vector<plan::Step>& steps, const std::string& service) {
  bool stopped = false;
  for (auto& step : steps) {
    stopped |= stops(step, service);
    if (starts(step, service)) stopped = false;
    auto& undo = step.common.undo;
    if (stopped && undo && !undo->nothing()) return true;
  }
  return false;
}

// How many ports there are to choose from, where the platform is told.
std::int64_t room(const run::Release& release) {
  auto ports = release.as.find("ports");
  auto text = ports ? spec::scalar_text(*ports).value_or("") : "";
  auto parts = split(text, '-');
  std::int64_t first = 0, last = 0;
  if (parts.size() != 2) return INT64_MAX;
  auto number = [](std::string_view part, std::int64_t& out) {
    part = trimmed(part);
    return std::from_chars(part.data(), part.data() + part.size(), out).ec == std::errc{};
  };
  return number(parts[0], first) && number(parts[1], last) ? last - first + 1 : INT64_MAX;
}

}  // namespace

bool Builder::both_can_run(const run::Subject& s) const {
  if (s.previous.none() || !service(s).side_by_side || !routed(s)) return false;
  auto instances = instances_of(s.candidate) + instances_of(s.previous);
  if (std::min(room(s.candidate), room(s.previous)) < instances) return false;
  return !shares_what_changes(plan_.rollout) && !works_while_stopped(plan_.rollout, s.service);
}

bool Builder::shares_follow(const plan::Step& start) const {
  auto from = std::ranges::find_if(plan_.rollout, [&](auto& step) { return &step == &start; });
  return std::any_of(from, plan_.rollout.end(), [](auto& step) {
    return std::holds_alternative<plan::Traffic>(step.what) || std::holds_alternative<plan::Canary>(step.what) ||
           std::holds_alternative<plan::BlueGreen>(step.what);
  });
}

Beside Builder::beside(const run::Subject& s) const {
  return both_can_run(s) || !stopped_.contains(s.service) ? Beside::previous : Beside::nobody;
}

}  // namespace davy::rollout
