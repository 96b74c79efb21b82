#include "control/serving/serving.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/serving/serves_now.h"
#include "rollout/rollout.h"

namespace davy::control {
namespace {

Result<run::Started> started_of(const std::vector<view::TimedEvent>& events, const std::string& run) {
  for (auto& e : events)
    if (auto started = std::get_if<run::Started>(&e.event)) return *started;
  return fail(Code::internal, fmt::format("run {} has no beginning", run));
}
Result<run::Started> started_of(Runs& runs, const std::string& run) {
  auto events = runs.events(run);
  if (!events) return std::unexpected(events.error());
  return started_of(*events, run);
}

bool ended_openly(const ports::RunInfo& run) { return run.ending == "abandoned" || run.ending == "needs people"; }

Serving side_of(const run::Started& started, const std::string& service, run::Side side, const std::string& digest) {
  auto& book = started.runbook;
  auto at = book.index_of(service);
  if (at == run::kNone) return {};
  auto& subject = book.subjects[static_cast<std::size_t>(at)];
  auto setup = book.setup.service(service);
  auto& release = side == run::Side::candidate ? subject.candidate : subject.previous;
  return {release, setup ? setup->platform : "", route_of(setup), digest};
}

// What the service's `serves` said of the candidate when it was verified; empty: it was not asked.
std::string said_of(const std::vector<view::TimedEvent>& events, const run::Runbook& book, std::int32_t subject) {
  std::map<run::AttemptId, run::StepIx> steps;
  std::string out;
  for (auto& e : events) {
    if (auto began = std::get_if<run::AttemptStarted>(&e.event)) steps[began->id] = began->step;
    auto ended = std::get_if<run::AttemptEnded>(&e.event);
    if (!ended || !steps.contains(ended->id) || ended->made.null()) continue;
    auto& step = book.steps.at(static_cast<std::size_t>(steps[ended->id]));
    bool says = step.call.port == "probe" && step.call.operation == "says" && step.side == run::Side::candidate;
    if (says && step.subject == subject) out = spec::scalar_text(ended->made).value_or("");
  }
  return out;
}

// What really came into its folder: a commit, a sum.
std::string artifact_of(const std::vector<view::TimedEvent>& events, const run::Runbook& book, std::int32_t subject) {
  std::string out;
  run::State state;
  for (auto& e : events) run::fold(state, e.event, e.at);
  for (run::StepIx i = 0; i < state.count(); ++i) {
    auto& step = book.steps.at(static_cast<std::size_t>(i));
    auto artifact = step.call.port == "folder" && step.subject == subject ? state.at(i).made.find("artifact") : nullptr;
    if (artifact) out = spec::scalar_text(*artifact).value_or("");
  }
  return out;
}

// What this run tells of the service; nothing when it changed nothing.
Result<std::optional<Serving>> told_by(Runs& runs, const ports::RunInfo& run, const std::string& service) {
  bool done = run.ending == "done", back = run.ending == "rolled back" || run.ending == "replaced";
  if (!done && !back) return std::nullopt;
  auto events = runs.events(run.id);
  if (!events) return std::unexpected(events.error());
  auto started = started_of(*events, run.id);
  if (!started) return std::unexpected(started.error());
  auto serves = done ? side_of(*started, service, run::Side::candidate, run.digest)
                     : side_of(*started, service, run::Side::previous, "");  // it was verified
  if (serves.release.none()) return std::nullopt;
  auto subject = started->runbook.index_of(service);
  if (done) serves.release.says = said_of(*events, started->runbook, subject);
  if (done) serves.release.artifact = artifact_of(*events, started->runbook, subject);
  return serves;
}

// A run that a person left, or that failed on its way back, tells nobody which release serves: a person must.
Result<std::optional<Serving>> as_said(Runs& runs, const ports::RunInfo& open, const std::string& service,
                                       const std::optional<Serving>& before, const std::string& said) {
  auto started = started_of(runs, open.id);
  if (!started) return std::unexpected(started.error());
  auto candidate = side_of(*started, service, run::Side::candidate, open.digest);
  auto previous = side_of(*started, service, run::Side::previous, "");
  if (said == open.version) return candidate;
  if (!previous.release.none() && said == previous.release.version) return previous;
  if (before && said == before->release.version) return before;
  auto was = !previous.release.none() ? previous.release.version : before ? before->release.version : "nothing";
  auto question = fmt::format("run {} of version {} ended as `{}`: Davy does not know whether {} or {} serves now",
                              open.id, open.version, *open.ending, was, open.version);
  std::string now;
  for (auto& line : in_words(serves_now(runs, started->runbook, {}, false), runs.now())) now += "\n  " + line;
  auto either = was == "nothing" ? "" : fmt::format("--serves {} or ", was);
  return fail(Code::refused, question,
              fmt::format("look, then say so with {}--serves {}{}", either, open.version, now));
}

// The newest run that was done with this version, whatever came after it: somebody who looked says that it serves.
Result<std::optional<Serving>> shipped_as(Runs& runs, const std::vector<ports::RunInfo>& all,
                                          const std::string& service, const std::string& version) {
  for (auto& run : all) {
    if (!run.damage.empty() || run.ending != "done" || run.version != version) continue;
    auto started = started_of(runs, run.id);
    if (started) return side_of(*started, service, run::Side::candidate, run.digest);
  }
  return std::nullopt;
}

// What nobody can read may have shipped anything.
Result<std::optional<Serving>> past_damage(const ports::RunInfo& damaged, const std::optional<Serving>& known,
                                           const std::string& said) {
  if (known && said == known->release.version) return known;
  auto look = known ? fmt::format("look; when it is {0}, say so with --serves {0}", known->release.version)
                    : std::string("copy the state directory away, and begin another with --state DIR");
  auto damage = damaged.damage.empty() ? fmt::format("run {} cannot be read", damaged.id) : damaged.damage;
  return fail(Code::internal, damage + ": so Davy does not know what serves now", look);
}

}  // namespace

std::string route_of(const run::ServiceSetup* setup) {
  if (!setup || !setup->router) return "";
  auto backend = setup->router->options.find("backend");
  auto named = backend ? spec::scalar_text(*backend).value_or("") : "";
  return named.empty() ? "`" + setup->router->name + "`"
                       : fmt::format("`{}`, backend `{}`", setup->router->name, named);
}

Result<std::optional<Serving>> what_serves(Runs& runs, const std::string& service, const std::string& environment,
                                           const std::string& said) {
  auto all = runs.list({.service = service, .environment = environment});
  if (!all) return std::unexpected(all.error());
  const ports::RunInfo *open = nullptr, *damaged = nullptr;  // the newest that ended without telling, that cannot tell
  std::optional<Serving> known;
  for (auto& run : *all) {
    if (!damaged && !run.damage.empty()) damaged = &run;
    if (!run.damage.empty()) continue;
    if (!open && ended_openly(run)) open = &run;
    auto told = told_by(runs, run, service);
    if (!told && !damaged) damaged = &run;
    if (!told || !*told) continue;
    known = std::move(*told);
    break;
  }
  for (auto& run : *all)  // what was taken back to was shipped by an older run
    if (known && known->release.id == rollout::release_id(service, run.version, run.id)) known->digest = run.digest;
  if (damaged && !said.empty()) {
    auto shipped = shipped_as(runs, *all, service, said);
    if (!shipped) return std::unexpected(shipped.error());
    if (*shipped) known = std::move(*shipped);
  }
  if (damaged) return past_damage(*damaged, known, said);
  return open ? as_said(runs, *open, service, known, said) : known;
}

Result<Serving> stood_before(Runs& runs, const std::string& run, const std::string& service) {
  auto started = started_of(runs, run);
  if (!started) return std::unexpected(started.error());
  return side_of(*started, service, run::Side::previous, "");
}

Result<run::Started> taking_back(Runs& runs, const ports::RunInfo& done) {
  auto records = runs.events(done.id);
  if (!records) return std::unexpected(records.error());
  run::State state;
  for (auto& e : *records) run::fold(state, e.event, e.at);
  if (state.ended != run::Ending::done)
    return fail(Code::refused, fmt::format("run {} has ended: {}", done.id, done.sentence));
  for (auto& subject : state.runbook.subjects) {
    auto serves = what_serves(runs, subject.service, done.environment, "");
    if (!serves) return std::unexpected(serves.error());
    if (*serves && (*serves)->release.id == subject.candidate.id) continue;
    return fail(Code::refused,
                fmt::format("run {} shipped {}, which is not what serves now", done.id, subject.candidate_name()),
                "`davy history` lists what came after it; `davy deploy VERSION` ships another");
  }
  if (state.runbook.first_release())
    return fail(Code::refused, fmt::format("run {} was a first release: there is nothing to go back to", done.id));
  return run::taking_back(state, done.id);
}

}  // namespace davy::control
