#include "control/rehearse.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/recorded/baselines.h"
#include "rollout/rollout.h"

namespace davy::control {
namespace {

using What = judge::Decision::What;

Rehearsed carry_through(const run::Runbook& book, Recording recording) {
  judge::Rehearsal rehearsal(judge::setup_of(book), judge::gates_of(book));
  Rehearsed out{.recording = std::move(recording)};
  for (auto& window : out.recording.windows) {
    if (rehearsal.over()) break;
    for (auto& subject : book.subjects)
      if (auto own = window.releases.find(subject.candidate.id); own != window.releases.end())
        out.requests += own->second.requests;
    for (auto& d : rehearsal.see(window)) {
      if (d.what == What::met_users) out.met = d.at;
      out.decisions.push_back(std::move(d));
    }
  }
  out.still = rehearsal.still();
  return out;
}

}  // namespace

const judge::Decision* Rehearsed::last() const {
  for (auto it = decisions.rbegin(); it != decisions.rend(); ++it)
    if (it->what != What::told && it->what != What::met_users) return &*it;
  return nullptr;
}

std::string Rehearsed::compared() const {
  auto& r = recording;
  if (!r.end) return "how it ended is not recorded";
  if (decisions.empty()) return "it was " + r.end->what;
  auto* decided = last();
  auto happened = fmt::format("it was {} after {}", r.end->what, human(std::max(r.end->at - met, Duration{})));
  if (!decided) return happened + ": this plan would not have decided by then";
  auto sooner = r.end->at - decided->at;
  if (decided->what == What::rolled_back && !r.end->taken_back)
    return happened + fmt::format(": this plan would have taken it back {} {}", human(abs(sooner)),
                                  sooner >= Duration{} ? "before that" : "after that");
  return happened +
         fmt::format(": this plan decides {} {}", human(abs(sooner)), sooner >= Duration{} ? "earlier" : "later");
}

std::string_view decision_word(judge::Decision::What what) {
  switch (what) {
    case What::met_users:
      return "the candidate meets users";
    case What::promoted:
      return "promoted";
    case What::held:
      return "held";
    case What::rolled_back:
      return "rolled back";
    case What::passed:
      return "passed the last gate";
    case What::told:
      return "told";
  }
  return "";
}

Result<Rehearsed> rehearse(Runs& runs, const PlanFile& plan, const Rehearsing& wish) {
  auto how = wish.prometheus;
  how.environment = wish.environment;
  auto recording = recording_of(runs, plan.plan, wish.recorded, wish.sides, how);
  if (!recording) return std::unexpected(recording.error());
  for (auto& subject : recording->subjects)
    if (subject.service.empty()) subject.service = plan.plan.services.front().name;
  auto environment = environment_of(plan.plan, wish.environment.empty() ? recording->environment : wish.environment);
  if (!environment) return std::unexpected(environment.error());
  auto book = rollout::expand(plan.plan, {*environment, recording->version, "rehearsal", recording->subjects});
  if (!book) return std::unexpected(book.error());
  auto filled = complete(runs, plan.plan, *book, recording->windows.front().from, directory_of(plan));
  if (!filled) return std::unexpected(filled.error());
  return carry_through(*book, std::move(*recording));
}

spec::Json to_json(const Rehearsed& o) {
  auto& r = o.recording;
  auto iso = [](Time t) { return t.time_since_epoch().count(); };
  spec::Json out{{"recording", r.name}, {"candidate", r.version}, {"requests", o.requests}};
  out["decisions"] = spec::Json::array();
  for (auto& d : o.decisions)
    out["decisions"].push_back({{"at", iso(d.at)},
                                {"after_seconds", seconds(d.at - o.met)},
                                {"gate", d.gate},
                                {"what", decision_word(d.what)},
                                {"why", d.sentence}});
  if (!o.still.empty()) out["still"] = o.still;
  if (r.end) out["happened"] = {{"at", iso(r.end->at)}, {"what", r.end->what}};
  out["compared"] = o.compared();
  return out;
}

}  // namespace davy::control
