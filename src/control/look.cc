#include "control/look.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/text.h"
#include "view/words.h"

namespace davy::control {
namespace {

// Whoever must say whether it was done looks there first.
std::string output_of_unknown(const Runs& runs, const view::RunView& view) {
  auto step = std::ranges::find(view.steps, view.unknown, &view::StepView::step);
  if (view.mode != run::Mode::held || step == view.steps.end() || step->tries.empty()) return "";
  auto file = fmt::format("{}/a{}/out", runs.dir().spool(view.id), step->tries.back().id);
  std::error_code none;
  return std::filesystem::exists(file, none) ? file : "";
}

// At 2 a.m. going back is as likely as going on.
std::vector<std::string> undriven(const view::RunView& view) {
  auto resume = "davy resume " + view.id, back = "davy rollback " + view.id;
  auto out = view.next;
  std::erase(out, resume);
  out.insert(out.begin(), resume);
  if (view.mode == run::Mode::forward && std::ranges::find(out, back) == out.end()) out.push_back(back);
  return out;
}

// Whatever was verified at its end: a release that was taken back has users now.
std::vector<std::string> users_of_who_was_taken_back(const Standing& standing) {
  std::vector<std::string> out;
  if (standing.view.ending != run::Ending::rolled_back) return out;
  for (auto& one : standing.serves)
    for (auto& subject : standing.view.subjects)
      for (auto& part : one.parts)
        if (one.asked && part.release == subject.candidate.id && part.share > 0.005)
          out.push_back(fmt::format("{} of the users of {} are with {}, which was taken back",
                                    view::percent(part.share), one.service, subject.candidate_name()));
  return out;
}

void tell_of_now(Standing& standing) {
  auto first = outages(standing.serves);
  for (auto& line : users_of_who_was_taken_back(standing)) first.push_back(line);
  standing.outage = !first.empty();
  for (auto& line : strangers(standing.serves)) first.push_back(line);
  auto& all = standing.alarms;
  all.insert(standing.view.closed ? all.begin() + 1 : all.begin(), first.begin(), first.end());
}

// What might be typed about the newest run is not about an older one.
void only_the_report(view::RunView& view) {
  view.next_command = "davy report " + view.id;
  view.next = {view.next_command};
}

}  // namespace

bool Standing::needs_people() const {
  if (outage || view.ending) return outage;
  bool stuck = life.taking && !life.taking->open.empty();
  return !life.driven() || stuck;
}

Result<Standing> standing_of(Runs& runs, const std::string& run) {
  auto life = life_of(runs, run);
  auto events = runs.events(run);
  if (!events) return std::unexpected(events.error());
  auto view = runs.view(run);
  if (!view) return std::unexpected(view.error());
  Standing out{.view = std::move(*view), .life = std::move(life)};
  out.alarms = alarms(out.life, out.view, *events);
  if (!out.view.ended && !out.life.driven()) {  // first of all somebody must drive it
    out.view.silent_since = heard_last(out.view, *events);
    out.view.next = undriven(out.view);
    out.view.next_command = joined(out.view.next, "   or   ");
  }
  if (auto file = output_of_unknown(runs, out.view); !file.empty())
    out.view.question_or_sentence += ". Its output: " + file;
  auto untold = control::untold(runs, run, *events);
  if (!untold) return std::unexpected(untold.error());
  out.untold = std::move(*untold);
  out.events = std::move(*events);
  return out;
}

Result<Standing> look(Runs& runs, const ports::RunInfo& run) {
  auto standing = standing_of(runs, run.id);
  if (!standing) return standing;
  standing->serves = serves_now(runs, run);
  correct_shares(standing->view, standing->serves);
  standing->alarms = alarms(standing->life, standing->view, standing->events);
  tell_of_now(*standing);
  if (std::ranges::any_of(standing->serves, [](auto& one) { return !one.by.empty(); })) only_the_report(standing->view);
  return standing;
}

spec::Json to_json(const Standing& standing) {
  auto out = view::to_json(standing.view);
  out["life"] = to_json(standing.life);
  out["alarms"] = standing.alarms;
  out["untold"] = to_json(standing.untold);
  out["serves_now"] = to_json(standing.serves);
  return out;
}

}  // namespace davy::control
