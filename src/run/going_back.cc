#include "run/going_back.h"

#include <fmt/format.h>

#include <algorithm>

#include "run/maintenance.h"

namespace davy::run {
namespace {

constexpr int kMostStepBacks = 2;

// Where the page that the plan took away from before the users can be put back, so that nobody writes any more: the
// newest `maintenance: off` behind this step.
StepIx page_behind(const State& s, StepIx step) {
  for (auto i = s.count() - 1; i > step; --i)
    if (s.step(i).call.of_maintenance() && s.step(i).call.operation == "off" && s.at(i).tainted) return i;
  return kNone;
}

Events ask_about_data(const State& s, const Step& loses, const std::string& why) {
  auto question = fmt::format(
      "{}. But taking back {} would lose what users wrote since. `davy rollback RUN --data restore` takes it "
      "back all the same, `--data keep` leaves it as it is for the previous release, `davy resume RUN` "
      "goes on",
      why, loses.path);
  auto page = page_behind(s, static_cast<StepIx>(&loses - s.runbook.steps.data()));
  if (page == kNone || closed(s) || s.mode == Mode::held) return hold(std::move(question));
  return {RetreatBegan{page, Mode::held, std::move(question)}};
}

// The newest phase before the one that `at` belongs to, if it has one.
std::optional<StepIx> phase_before(const State& s, StepIx at) {
  auto phase = s.step(at).phase;
  if (phase == kNone) return {};
  for (auto i = phase - 1; i >= 0; --i)
    if (s.step(i).phase != kNone) return s.step(i).phase;
  return {};
}

// Back to the last weight that passed: its traffic step stays, what came after it is undone, its bake is done again.
Events step_back(const State& s, StepIx at, std::string why) {
  auto before = phase_before(s, at);
  if (!before || s.step_backs >= kMostStepBacks) return retreat(s, 0, std::move(why));
  auto kept = *before;
  while (kept + 1 < s.count() && s.step(kept).undo.kind == UndoKind::nothing) ++kept;
  return retreat(s, kept + 1, std::move(why));
}

// The steps that were left as they are, and why.
std::string what_stays(const State& s) {
  std::string lose, impossible;
  auto gate = point_of_no_return(s, 0);
  for (StepIx i = 0; i < s.count(); ++i) {
    auto& step = s.step(i);
    if (!s.at(i).kept || !s.at(i).tainted) continue;
    auto& to = step.undo.kind == UndoKind::impossible || i < gate ? impossible : lose;
    to += (to.empty() ? "" : ", ") + step.path;
  }
  std::string out;
  if (!lose.empty()) out += fmt::format(". What users wrote is kept: {} stays", lose);
  if (!impossible.empty()) out += fmt::format(". It cannot be taken back and stays: {}", impossible);
  return out;
}

std::string what_was_given_up(const State& s) {
  std::string out;
  for (auto i = s.count() - 1; i >= 0; --i)
    if (!s.at(i).given_up.empty())
      out += fmt::format("{}{}: {}", out.empty() ? "" : "; ", s.step(i).path, s.at(i).given_up);
  return out;
}

// By what the way back itself has proven, service by service.
std::string who_serves(const State& s) {
  std::string out;
  for (auto& subject : s.runbook.subjects) {
    auto about = s.runbook.index_of(subject.service);
    bool home = false, healthy = false;
    for (StepIx i = 0; i < s.count(); ++i) {
      auto& step = s.step(i);
      if (step.subject != about || !s.at(i).undone) continue;
      home |= step.undo.call.brings_home();
      healthy |= step.undo.call.port == "platform" && step.undo.call.operation == "healthy";
    }
    if (subject.previous.none()) {
      out += fmt::format(". {} had no release before this one", subject.service);
      continue;
    }
    auto& previous = subject.previous.version;
    auto seen = healthy ? ", which is healthy" : "; whether it is well was not seen: `davy status` looks";
    out += home ? fmt::format(". All users of {} are with {}{}", subject.service, previous, seen)
           : healthy
               ? fmt::format(". {} {} is healthy", subject.service, previous)
               : fmt::format(". Whether {} {} serves was not seen: `davy status` looks", subject.service, previous);
  }
  return out;
}

// All was taken back. A service without a previous release is left with nobody, beside those that serve again.
std::string what_is_left(const State& s) {
  std::string none;
  for (auto& subject : s.runbook.subjects)
    if (subject.previous.none()) none += (none.empty() ? "" : ", ") + subject.service;
  auto again = names(s.runbook, Side::previous);
  if (!again.empty()) again += " serves again, verified";
  if (none.empty()) return again;
  return fmt::format("{}{}Nobody of {} is left: it had no release before this one", again, again.empty() ? "" : ". ",
                     none);
}

// A reason that ends as a question has its stop.
std::string stopped(const std::string& why) { return why.ends_with('?') || why.ends_with('.') ? why : why + "."; }

std::string rolled_back_sentence(const State& s) {
  return fmt::format("{} was taken back: {} {}{}", names(s.runbook, Side::candidate), stopped(s.why), what_is_left(s),
                     what_stays(s));
}

std::string replaced_sentence(const State& s) {
  return fmt::format("{} was taken back for {}. {}{}", names(s.runbook, Side::candidate), s.replaced_by,
                     what_is_left(s), what_stays(s));
}

std::string needs_people_sentence(const State& s) {
  return fmt::format("{}{} was taken back as far as it goes: {} It could not be taken back: {}{}{}",
                     in_maintenance(s) ? "The maintenance page is on. " : "", names(s.runbook, Side::candidate),
                     stopped(s.why), what_was_given_up(s), who_serves(s), what_stays(s));
}

std::string stepped_back_question(const State& s) {
  if (s.runbook.first_release())
    return fmt::format("{} It is a first release: there is nothing to go back to", stopped(s.why));
  if (loses_data(s, 0)) return s.why;  // the page stands before the users, and what becomes of their data is asked
  return fmt::format("stepped back: {} `resume` bakes the phase again, `rollback` takes all back", stopped(s.why));
}

}  // namespace

std::string names(const Runbook& book, Side side) {
  std::string out;
  for (auto& subject : book.subjects) {
    if (side == Side::previous && subject.previous.none()) continue;
    out += (out.empty() ? "" : ", ") + (side == Side::previous ? subject.previous_name() : subject.candidate_name());
  }
  return out;
}

Events hold(std::string question, Mode then, StepIx unknown) { return {Held{std::move(question), then, unknown}}; }

Events hold(std::string question, std::string about) {
  return {Held{std::move(question), Mode::forward, kNone, std::move(about)}};
}

const Step* loses_data(const State& s, StepIx to) {
  for (auto i : losing(s, to))
    if (!s.step(i).compatible) return &s.step(i);
  return nullptr;
}

Events retreat(const State& s, StepIx to, std::string why, Data data) {
  if (auto stop = point_of_no_return(s, to); stop != kNone && (to > 0 || barred(s)))
    return hold(fmt::format("{}. But {} cannot be taken back: go on with `resume`, or leave it with `abort`", why,
                            s.step(stop).path));
  if (auto loses = loses_data(s, to); loses && data == Data::untouched) return ask_about_data(s, *loses, why);
  auto then = to > 0 || s.runbook.first_release() ? Mode::held : Mode::ended;
  return {RetreatBegan{to, then, std::move(why), data}};
}

Events end_unchanged(const State& s, std::string why) {
  if (s.went_back_for.empty()) return {Closing{Ending::refused, std::move(why)}};
  return {Closing{Ending::rolled_back,
                  fmt::format("{} was taken back: {}. {}. Ended: {}", names(s.runbook, Side::candidate),
                              s.went_back_for, what_is_left(s), why)}};
}

Events trouble(const State& s, StepIx at, std::string why) {
  if (!changed(s)) return end_unchanged(s, std::move(why));
  switch (s.step(at).on_trouble) {
    case Trouble::roll_back:
      return retreat(s, 0, std::move(why));
    case Trouble::step_back:
      return step_back(s, at, std::move(why));
    case Trouble::hold:
      return hold(std::move(why), s.step(at).path);
  }
  return {};
}

Events retreated(const State& s) {
  bool gave_up = std::ranges::any_of(s.steps, [](auto& step) { return !step.given_up.empty(); });
  if (gave_up) return {Ended{Ending::needs_people, needs_people_sentence(s)}};
  if (s.after_retreat == Mode::held) return hold(stepped_back_question(s));
  if (!s.replaced_by.empty()) return {Ended{Ending::replaced, replaced_sentence(s)}};
  return {Ended{Ending::rolled_back, rolled_back_sentence(s)}};
}

}  // namespace davy::run
