#include "control/answering.h"

#include <fmt/format.h>

#include <algorithm>

#include "notices/turns.h"

namespace davy::control {
namespace {

Result<run::State> state_of(Runs& runs, const std::string& run) {
  auto events = runs.events(run);
  if (!events) return std::unexpected(events.error());
  run::State out;
  for (auto& e : *events) run::fold(out, e.event, e.at);
  return out;
}

std::string asked_of(const run::Step& step) {
  auto who = step.call.args.find("who");
  return who ? spec::scalar_text(*who).value_or("") : "";
}

// That a name is a turn of several is known to the notices of the run.
bool is_for(const run::State& s, const std::string& who, const std::string& as, Time now) {
  if (as.empty() || who == as) return true;
  auto book = notices::book_from(s.runbook.notices);
  auto person = book ? book->person(who) : nullptr;
  return person && person->takes_turns() && notices::on_turn(*person, now) == as;
}

Error too_late(const io::Answerable& asked, std::string why) {
  return {Code::refused, std::move(why), fmt::format("`davy status {}` shows what it waits for", asked.run)};
}

}  // namespace

Result<std::vector<Question>> questions(Runs& runs, const std::string& as) {
  auto open = runs.list({.open_only = true});
  if (!open) return std::unexpected(open.error());
  std::vector<Question> out;
  for (auto& run : *open) {
    if (!run.damage.empty()) continue;
    auto s = state_of(runs, run.id);
    if (!s) return std::unexpected(s.error());
    for (auto& a : s->open) {
      auto& step = s->step(a.step);
      if (a.way == run::Way::apply && step.call.of_person() && is_for(*s, asked_of(step), as, runs.now()))
        out.push_back({run, step.call.operation, step.path, asked_of(step), a.due});
    }
  }
  std::ranges::stable_sort(out, {}, [](auto& q) { return q.run.started; });
  return out;
}

Result<Pending> pending(Runs& runs, const std::string& token) {
  auto key = io::AnswerKey::of(runs.dir().answers_key());
  if (!key) return std::unexpected(key.error());
  auto asked = key->read(token);
  if (!asked) return std::unexpected(asked.error());
  auto run = runs.find(asked->run);
  if (!run) return std::unexpected(run.error());
  if (run->ended) return std::unexpected(too_late(*asked, fmt::format("run {} has ended", run->id)));
  auto s = state_of(runs, run->id);
  if (!s) return std::unexpected(s.error());
  if (runs.now() > asked->until)  // first: what was given up in time looks as if somebody had answered
    return std::unexpected(too_late(*asked, "this token was good until " + timestamp(asked->until)));
  auto attempt = s->find(asked->attempt);
  if (!attempt) return std::unexpected(too_late(*asked, "that was answered already, or is asked no more"));
  auto step = attempt->step;
  return Pending{std::move(*asked), std::move(*run), std::move(*s), step};
}

Result<Steered> answer(Runs& runs, const std::string& token, const std::string& note) {
  auto open = pending(runs, token);
  if (!open) return std::unexpected(open.error());
  auto& step = open->about();
  run::Speaker who{.who = open->asked.person, .roles = {asked_of(step)}, .via = "token", .proven = true};
  return steer(runs, open->run.id, {step.call.operation, step.path, note, who});
}

}  // namespace davy::control
