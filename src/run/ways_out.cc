#include "run/ways_out.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::run {
namespace {

using Events = std::vector<Event>;
constexpr std::string_view kUntil = "waive until ";

bool of_bake(const Step& step) { return step.call.port == "bake"; }

std::string argument(const Step& step, std::string_view key) {
  auto value = step.call.args.find(key);
  return value ? spec::scalar_text(*value).value_or("") : "";
}

// A bake is promoted and an approval is given: neither is waived.
bool may_be_waived(const Step& step) {
  if (step.call.nothing() || of_bake(step) || step.call.operation == "approve") return false;
  return step.optional || !step.changes();
}

// What it is called in the plan, on the screen, and by those who are asked.
bool called(const Step& step, std::string_view name) {
  return step.path == name || step.path.ends_with("/" + std::string(name)) ||
         (step.call.of_person() && (argument(step, "who") == name || argument(step, "item") == name));
}

// All that can be waived by now, as the journal calls it.
std::vector<std::string> may_be_waived(const State& s) {
  std::vector<std::string> out;
  auto add = [&](const std::string& one) {
    if (!one.empty() && std::ranges::find(out, one) == out.end()) out.push_back(one);
  };
  for (auto& rule : s.runbook.rules) add(rule.when.text);
  for (auto& test : s.spoke) add(test);
  for (StepIx i = 0; i < s.count(); ++i)
    if (may_be_waived(s.step(i)) && !s.at(i).applied) add(s.step(i).path);
  return out;
}

// Those that a person's word may mean: by its whole name, else by a part of it.
std::vector<std::string> meant(const State& s, std::string_view word) {
  std::vector<std::string> whole, part;
  for (auto& one : may_be_waived(s)) {
    auto step = std::ranges::find(s.runbook.steps, one, &Step::path);
    bool named = one == word || (step != s.runbook.steps.end() && called(*step, word));
    if (named) whole.push_back(one);
    if (one.contains(word)) part.push_back(one);
  }
  return whole.empty() ? part : whole;
}

StepIx step_called(const State& s, std::string_view path) {
  for (StepIx i = 0; i < s.count(); ++i)
    if (s.step(i).path == path) return i;
  return kNone;
}

// The run is held, would go forward from there, and no step's end is unknown.
bool held_before_going_on(const State& s) {
  return s.mode == Mode::held && s.after_hold == Mode::forward && s.unknown == kNone;
}

// What a waiver means to the step that is at work now, or for which the run is held.
Events at_once(const State& s, const Waived& waived) {
  Events out;
  auto why = fmt::format("waived by {}: {}", waived.who.name(), waived.why);
  auto step = step_called(s, waived.about);
  bool held = held_before_going_on(s) && s.held_about == waived.about;
  for (auto& a : s.open)
    if (a.step == step && s.step(step).call.of_person()) out.push_back(AttemptEnded{a.id, Outcome::cancelled, why});
  if (step != kNone && (held || !out.empty())) out.push_back(Skipped{step, why});
  if (held) out.push_back(Released{waived.who});
  return out;
}

std::string lasts(const Waived& waived) { return waived.until ? " until " + timestamp(*waived.until) : ""; }

Result<std::optional<Time>> until(const std::string& ask, Time now) {
  if (!ask.starts_with(kUntil)) return std::nullopt;
  auto time = parse_timestamp(ask.substr(kUntil.size()));
  if (!time) return fail(Code::invalid, "a time is written as 2026-11-21T10:30:00Z");
  if (*time <= now) return fail(Code::invalid, "that time is over");
  return time;
}

// The bakes that a word to promote is about now: at work, or the one for which the run is held (whose traffic may have
// been taken away since, so that it is not the next step).
std::vector<StepIx> bakes_now(const State& s) {
  std::vector<StepIx> out;
  for (StepIx i = 0; i < s.count(); ++i) {
    bool held_for = s.mode == Mode::held && s.held_about == s.step(i).path && !s.at(i).applied;
    if (of_bake(s.step(i)) && (s.busy(i) || held_for)) out.push_back(i);
  }
  return out;
}

Events end_bake(const State& s, StepIx i, const std::string& why) {
  for (auto& a : s.open)
    if (a.step == i) return {AttemptEnded{a.id, Outcome::ok, why}};
  return {Skipped{i, why}};
}

std::string promoted_by(const Promoted& p) {
  return fmt::format("promoted by {}{}{}", p.who.name(), p.why.empty() ? "" : ": ", p.why);
}

std::string waits_for(const State& s) {
  std::vector<std::string> all;
  for (auto& a : s.open) {
    auto& step = s.step(a.step);
    if (step.call.of_person()) all.push_back(fmt::format("{} {}", step.call.operation, argument(step, "who")));
  }
  return all.empty() ? std::string("it waits for nobody") : "it waits for: " + joined(all, ", ");
}

// Two people, where the step asks for that: another user of the system, or one who proved to be somebody else. A
// claimed name makes nobody another, but it can make somebody the same.
bool by_another(const State& s, const Step& step, const Speaker& who) {
  if (argument(step, "by-another") != "true") return true;
  bool same_user = who.uid >= 0 && who.uid == s.began_by.uid;
  bool same_name = who.who == s.began_by.who || std::ranges::find(s.began_by.roles, who.who) != s.began_by.roles.end();
  return !same_user && !same_name;
}

std::string which_of(const State& s, const std::vector<const Attempt*>& asked) {
  std::vector<std::string> items;
  for (auto* a : asked) items.push_back(argument(s.step(a->step), "item"));
  return "say which of these: " + joined(items, "; ");
}

std::string needs_another(const State& s, const Step& step) {
  return fmt::format(
      "nobody but another may answer {}: {} began this run. Another user of this machine may, or who "
      "was sent a token (`davy answer TOKEN`)",
      step.path, s.began_by.name());
}

}  // namespace

const Waived* waiver(const State& s, std::string_view about, Time now) {
  for (auto& one : s.waived)
    if (one.about == about && (!one.until || now < *one.until)) return &one;
  return nullptr;
}

Answer asked_waive(const State& s, const Asked& in, Time now) {
  if (s.mode != Mode::forward && s.mode != Mode::held) return {"nothing to waive: the run goes on to its end"};
  if (in.note.empty()) return {"say why, for the record"};
  auto end = until(in.ask, now);
  if (!end) return {"not understood: " + end.error().message};
  auto found = meant(s, in.about);
  if (found.empty())
    return {fmt::format("nothing is called `{}`; what may be waived: {}", in.about, joined(may_be_waived(s), "; "))};
  if (found.size() > 1) return {fmt::format("say which of these: {}", joined(found, "; "))};
  Waived waived{in.who, found.front(), in.note, *end};
  auto next = at_once(s, waived);
  bool goes_on = std::ranges::any_of(next, [](auto& e) { return std::holds_alternative<Released>(e); });
  auto text = fmt::format("{} is waived{}{}", waived.about, lasts(waived), goes_on ? "; the run goes on" : "");
  next.insert(next.begin(), std::move(waived));
  return {std::move(text), std::move(next)};
}

Answer asked_promote(const State& s, const Asked& in) {
  bool all = in.about == "all";
  if (s.mode != Mode::forward && !held_before_going_on(s)) return {"nothing to promote: the run does not go forward"};
  if (s.mode == Mode::held && s.held_about.empty())
    return {fmt::format("nothing is promoted: {}; that is for `davy resume`", s.why)};
  auto now = bakes_now(s);
  // A hold about something else is answered by whoever holds, or knows of the rule, and not in passing.
  if (s.mode == Mode::held && std::ranges::none_of(now, [&](auto i) { return s.step(i).path == s.held_about; }))
    return {"nothing to promote while the run is held for something else: " + s.why};
  if (now.empty() && !all) return {"nothing to promote: no bake goes on"};
  Promoted promoted{in.who, in.note, all};
  Events out{promoted};
  for (auto i : now) std::ranges::move(end_bake(s, i, promoted_by(promoted)), std::back_inserter(out));
  if (s.mode == Mode::held) out.push_back(Released{in.who});
  return {all ? "no bake is waited for any more; rules go on judging" : "the bake is over; rules go on judging",
          std::move(out)};
}

Answer asked_person(const State& s, const Asked& in) {
  auto says = fmt::format("by {}{}{}", in.who.name(), in.note.empty() ? "" : ": ", in.note);
  auto means = [&](const Step& step) {
    return step.call.of_person() && step.call.operation == in.ask && called(step, in.about);
  };
  std::vector<const Attempt*> asked;
  for (auto& a : s.open)
    if (means(s.step(a.step))) asked.push_back(&a);
  // The path of one may be the end of another's.
  if (auto whole = std::ranges::find(asked, in.about, [&](auto* a) { return s.step(a->step).path; });
      whole != asked.end())
    asked = {*whole};
  if (asked.size() > 1) return {which_of(s, asked)};
  std::optional<Answer> refused;
  for (auto* a : asked) {
    if (by_another(s, s.step(a->step), in.who)) return {"noted", {AttemptEnded{a->id, Outcome::ok, says, {}}}};
    refused = {needs_another(s, s.step(a->step))};
  }
  if (auto late = step_called(s, s.held_about); held_before_going_on(s) && late != kNone && means(s.step(late))) {
    if (by_another(s, s.step(late), in.who))
      return {"noted; the run goes on", {Settled{late, true, in.who}, Released{in.who}}};
    refused = {needs_another(s, s.step(late))};
  }
  if (refused) return *refused;
  auto asks = s.unknown == kNone ? waits_for(s)
                                 : fmt::format("it asks what became of {}: `davy confirm RUN done` or `not-done`",
                                               s.step(s.unknown).path);
  return {fmt::format("nobody waits for `{}`: {}", in.about, asks)};
}

std::vector<Event> passed_over(const State& s, StepIx i, Time now) {
  auto& step = s.step(i);
  auto begins = AttemptStarted{s.next_id, i, Way::apply, s.at(i).failures + 1, {}, now + step.timeout};
  if (of_bake(step) && s.promoted) return {begins, AttemptEnded{s.next_id, Outcome::ok, promoted_by(*s.promoted)}};
  auto known = step.call.of_person() ? waiver(s, step.path, now) : nullptr;
  if (!known) return {};
  return {Skipped{i, fmt::format("waived by {}: {}", known->who.name(), known->why)}};
}

}  // namespace davy::run
