#include "control/steer.h"

#include <fmt/format.h>

#include "base/text.h"
#include "control/creating.h"
#include "control/driving.h"
#include "control/serving/serves_now.h"
#include "io/posix/bell.h"

namespace davy::control {
namespace {

using namespace std::chrono_literals;

// The engine's answer says whether the word changed anything.
bool is_in_vain(const std::string& answer) {
  for (auto start :
       {"nothing", "nobody", "no step", "not understood", "first say", "say ", "it ends", "the run has ended"})
    if (answer.starts_with(start)) return true;
  return false;
}

// Somebody shipped another release since, past Davy: taking this one back would take that one's users, without a word.
Result<> has_users_still(Runs& runs, const ports::RunInfo& done) {
  for (auto& one : serves_now(runs, done)) {
    if (one.routed || one.strangers < 0.5) continue;
    return fail(Code::refused,
                fmt::format("there is nothing to take back of run {}: {}", done.id, joined(strangers({one}), "; ")),
                "`davy deploy VERSION --serves VERSION` ships another");
  }
  return {};
}

// What was done already is taken back by a run of its own.
Result<Steered> take_it_back(Runs& runs, const ports::RunInfo& done, const Word& word) {
  if (auto still = has_users_still(runs, done); !still) return std::unexpected(still.error());
  auto data = word.about == "restore" ? run::Data::restore
              : word.about == "keep"  ? run::Data::keep
                                      : run::Data::untouched;
  auto by = take_back(runs, done, word.who, word.note, data);
  if (!by) return std::unexpected(by.error());
  return Steered{.how = Steered::How::taken_back, .run = done, .by = *by};
}

// A run that nobody drives is driven on by whoever says anything; who only wanted that has it already. Nothing: the
// word itself must be heard.
Result<std::optional<Steered>> drive_on(Runs& runs, const ports::RunInfo& run, const std::string& what) {
  auto driven = see_that_it_is_driven(runs, run.id);
  if (!driven) return std::unexpected(driven.error());
  auto view = runs.view(run.id);
  if (!view) return std::unexpected(view.error());
  Steered out{.how = Steered::How::goes_on, .run = run, .started_engine = *driven};
  // Whoever wanted a driver has not answered what it is held for.
  if (what == "resume" && view->mode == run::Mode::held && *driven) {
    out.how = Steered::How::held_still, out.next = view->next_command;
    out.answer = "nobody drove this run: an engine was started, and it is held: " + view->question_or_sentence;
    return out;
  }
  bool goes_on = what == "resume" && view->mode != run::Mode::held && *driven;
  bool goes_back = what != "resume" && view->mode == run::Mode::retreat;
  if (!goes_on && !goes_back) return std::nullopt;
  out.answer = *driven ? "nobody drove this run: an engine was started, and it goes on" : "it is rolling back already";
  return out;
}

Error has_ended(Runs& runs, const ports::RunInfo& run) {
  Error out{Code::refused, fmt::format("run {} has ended: {}", run.id, run.sentence)};
  auto view = runs.view(run.id);
  if (!view || (run.ending != "abandoned" && run.ending != "needs people")) return out;
  out.hint = "look at what serves; then " + view->next_command;
  return out;
}

}  // namespace

Result<Steered> steer(Runs& runs, const std::string& named, const Word& word) {
  auto run = runs.find(named);
  if (!run) return std::unexpected(run.error());
  if (word.what == "rollback" && run->ending == "done") return take_it_back(runs, *run, word);
  if (run->ended) return std::unexpected(has_ended(runs, *run));
  if (word.what == "resume" || word.what == "rollback" || word.what == "replace") {
    auto over = drive_on(runs, *run, word.what);
    if (!over) return std::unexpected(over.error());
    if (*over) return **over;
  }
  auto answer = ask(runs, run->id, word);
  if (!answer) return std::unexpected(answer.error());
  return Steered{.run = *run, .answer = *answer, .in_vain = is_in_vain(*answer)};
}

Result<std::string> ask(Runs& runs, const std::string& run, const Word& word) {
  auto store = runs.store();
  if (!store) return std::unexpected(store.error());
  auto before = runs.find(run);  // what is heard comes behind
  if (!before) return std::unexpected(before.error());
  io::Bell bell(runs.dir().root);
  auto number = runs.wait((*store)->put(
      run, {0, runs.now(), word.who.name(), word.what, word.about, word.note, engine::text_of(word.who)}));
  if (!number) return std::unexpected(number.error());
  for (auto until = runs.now() + 30s, look_again = Time{}; runs.now() < until; bell.wait(1s)) {
    if (runs.now() >= look_again) {  // again and again: an engine that is being killed still holds its lock
      if (auto driven = see_that_it_is_driven(runs, run); !driven) return std::unexpected(driven.error());
      look_again = runs.now() + 1s;
    }
    auto info = runs.find(run);  // before the events: the answer to an abort is written with the end
    auto events = runs.events(run, before->seq);
    if (!events) return std::unexpected(events.error());
    for (auto& e : *events)
      if (auto heard = std::get_if<run::Heard>(&e.event); heard && heard->entry == *number) return heard->answer;
    if (info && info->ended) return "the run has ended: " + info->sentence;
  }
  return fail(Code::timed_out, "the engine has not answered within 30s",
              "its log: " + runs.dir().spool(run) + "/engine.log");
}

}  // namespace davy::control
