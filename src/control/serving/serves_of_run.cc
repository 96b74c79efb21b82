// Who serves the services of a run now. After an older run others came: what lives then is known by their names.
#include <algorithm>
#include <map>

#include "control/driving.h"
#include "control/serving/serves_now.h"
#include "view/words.h"

namespace davy::control {
namespace {

// A run as far as it has come.
struct Known {
  std::string id;
  std::vector<view::TimedEvent> events;
  run::State state;
  bool driven = false;

  // Users whom nobody ever served miss nobody: a first release that was refused.
  bool was_served(const run::Subject& subject) const {
    return state.ended == run::Ending::done || !subject.previous.none() || state.exposed_since;
  }
  // While a run goes on nobody may serve for a while, as it should be (in place).
  bool at_work() const { return !state.ended && driven && state.mode != run::Mode::held; }
  std::string way_out(const run::Subject& subject) const {
    if (!state.ended) return "";
    bool may_go_back = state.ended == run::Ending::done && !subject.previous.none();
    return may_go_back ? "`davy deploy VERSION`, or `davy rollback`" : "`davy deploy VERSION`";
  }
};

Result<Known> known(Runs& runs, const std::string& run) {
  bool drives = driven(runs, run);  // before its end can be read: what an engine left when it went is not its work
  auto events = runs.events(run);
  if (!events) return std::unexpected(events.error());
  Known out{.id = run, .events = std::move(*events), .driven = drives};
  for (auto& e : out.events)
    if (view::fits(out.state, e.event)) run::fold(out.state, e.event, e.at);
  return out;
}

// What cannot be read tells of no release: then the run that was asked about is all that is known.
std::string newest_of(Runs& runs, const std::string& service, const ports::RunInfo& run) {
  if (!run.ended) return run.id;
  auto all = runs.list({.service = service, .environment = run.environment, .most = 1});
  return all && !all->empty() && all->front().damage.empty() ? all->front().id : run.id;
}

std::vector<ServesNow> look_at(Runs& runs, const Known& run) {
  auto out = serves_now(runs, run.state.runbook, run.events, run.driven);
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto& subject = run.state.runbook.subjects[i];
    out[i].closed = run::closed(run.state);
    out[i].missed = nobody_serves(out[i]) && !out[i].closed && run.was_served(subject) && !run.at_work();
    out[i].way_out = run.way_out(subject);
  }
  return out;
}

}  // namespace

std::vector<ServesNow> serves_now(Runs& runs, const ports::RunInfo& run) {
  std::map<std::string, std::vector<ServesNow>> looked;  // by run
  std::vector<ServesNow> out;
  for (auto& service : run.services) {
    auto newest = newest_of(runs, service, run);
    if (!looked.contains(newest))
      if (auto one = known(runs, newest)) looked[newest] = look_at(runs, *one);
    auto& all = looked[newest];
    auto mine = std::ranges::find(all, service, &ServesNow::service);
    if (mine == all.end()) continue;
    if (newest != run.id) mine->by = newest;
    out.push_back(*mine);
  }
  return out;
}

}  // namespace davy::control
