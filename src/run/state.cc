#include "run/state.h"

#include <algorithm>
#include <map>

namespace davy::run {
namespace {

bool undo_only(const State& s, StepIx i) { return s.step(i).call.nothing(); }

// A step without a call is done as soon as the run has begun something behind it.
bool done(const State& s, StepIx i) { return undo_only(s, i) || s.at(i).applied; }

// Users are waited for by nothing but what is at work on the router; everything else is undone when all is still but
// for the way back of other services.
bool may_begin_undo(const State& s, StepIx i) {
  auto anothers = [&](const Attempt& a) {
    auto own = s.step(i).subject, other = s.step(a.step).subject;
    return a.way == Way::undo && own != kNone && other != kNone && own != other;
  };
  if (!s.step(i).undo.call.brings_home()) return std::ranges::all_of(s.open, anothers);
  return std::ranges::none_of(s.open, [&](auto& a) { return a.way != Way::undo && s.step(a.step).call.moves_users(); });
}

// A rolling rollout takes instances from it on the way: what is left cannot carry everybody.
bool previous_is_whole(const State& s, std::int32_t subject) {
  if (s.runbook.subjects[static_cast<std::size_t>(subject)].previous.none()) return false;
  for (StepIx i = 0; i < s.count(); ++i) {
    auto& step = s.step(i);
    if (step.subject == subject && step.side == Side::previous && step.changes() && s.at(i).tainted) return false;
  }
  return true;
}

}  // namespace

const Attempt* Progress::find(AttemptId id) const {
  auto it = std::ranges::find(open, id, &Attempt::id);
  return it == open.end() ? nullptr : &*it;
}

bool Progress::busy(StepIx i) const { return std::ranges::find(open, i, &Attempt::step) != open.end(); }

std::vector<StepIx> frontier(const State& s) {
  std::vector<StepIx> out;
  for (StepIx i = 0; i < s.count(); ++i) {
    if (done(s, i)) continue;
    if (!out.empty() && s.step(i).wave != s.step(out.front()).wave) break;
    out.push_back(i);
  }
  return out;
}

bool exposed(const State& s) {
  for (StepIx i = 0; i < s.count(); ++i)
    if (s.step(i).exposes() && s.at(i).tainted) return true;
  return false;
}

bool parted(const State& s) {
  for (StepIx i = 0; i < s.count(); ++i)
    if (s.step(i).parts() && s.at(i).tainted) return true;
  return false;
}

bool on_trial(const State& s) { return s.tried_again && !s.promoted && !aside(s); }

bool aside(const State& s) { return std::ranges::any_of(s.steps, &StepState::aside); }

// Where no router shares users out, or the previous release is not there to take them all, nobody can be taken away for
// a while.
std::vector<StepIx> giving_users(const State& s, StepIx before) {
  std::map<std::int32_t, StepIx> newest;
  for (StepIx i = 0; i < before; ++i)
    if (s.step(i).exposes() && s.at(i).tainted) newest[s.step(i).subject] = i;
  std::vector<StepIx> out;
  for (auto [subject, i] : newest)
    if (subject != kNone && s.step(i).call.of_shares() && previous_is_whole(s, subject)) out.push_back(i);
  return out;
}

bool changed(const State& s) {
  for (StepIx i = 0; i < s.count(); ++i)
    if (s.step(i).changes() && s.at(i).tainted) return true;
  return false;
}

// A bake belongs to it, a `wait` does not: that is where a window is spent that begins with the rollout's end.
std::optional<Time> rolled_out(const State& s) {
  auto of_rollout = [](const Step& step) {
    return step.exposes() || (step.call.port == "bake" && !step.path.ends_with("wait"));
  };
  auto last = s.count() - 1;
  while (last >= 0 && !of_rollout(s.step(last))) --last;
  if (last < 0) return {};
  for (StepIx i = 0; i <= last; ++i)
    if (!s.at(i).applied) return {};
  return s.at(last).ended;
}

Side served_before(const State& s) { return s.takes_back.empty() ? Side::previous : Side::candidate; }

bool starts_or_stops(const State& s, std::optional<Side> of) {
  return std::ranges::any_of(s.open, [&](auto& a) {
    auto& step = s.step(a.step);
    bool meant = !of || step.side == *of;
    return meant && step.call.port == "platform" && step.call.operation != "healthy";
  });
}

std::vector<std::int32_t> came_home(const State& s) {
  std::vector<std::int32_t> out;
  for (StepIx i = 0; s.mode == Mode::retreat && i < s.count(); ++i)
    if (s.step(i).undo.call.brings_home() && s.at(i).undone) out.push_back(s.step(i).subject);
  return out;
}

std::vector<std::int32_t> went_aside(const State& s) {
  std::vector<std::int32_t> out;
  for (StepIx i = 0; i < s.count(); ++i)
    if (s.at(i).aside && !s.at(i).given_back) out.push_back(s.step(i).subject);
  return out;
}

bool closed(const State& s) {
  for (auto i = s.count() - 1; i >= 0; --i)
    if (s.step(i).call.of_maintenance() && s.at(i).tainted) return s.step(i).call.operation == "on";
  return false;
}

Started taking_back(const State& done, std::string run) {
  Started out{.runbook = done.runbook, .hash = done.hash, .takes_back = std::move(run)};
  out.exposed_since = done.exposed_since;
  for (StepIx i = 0; i < done.count(); ++i)
    if (done.at(i).tainted) out.done.push_back({i, done.at(i).found, done.at(i).made});
  return out;
}

Wanted wanted(const State& s, Time now) {
  Wanted w;
  auto wake_at = [&](Time t) { w.wake = w.wake ? std::min(*w.wake, t) : t; };
  for (auto& one : s.waived)
    if (one.until) wake_at(*one.until);
  auto stop = [&](const Attempt& a) {
    if (a.timed_out) return true;
    if (s.mode == Mode::retreat) return a.way != Way::undo;
    if (a.way == Way::apply && s.at(a.step).aside && a.started < s.aside_since) return true;
    // A refusal lets the other checks of its group finish, so that all that is wrong is told at once; neither anybody
    // nor any hour is waited for.
    if (s.mode == Mode::closing) return s.closing_as == Ending::abandoned || s.step(a.step).call.waits();
    return false;
  };
  std::vector<bool> busy(s.steps.size());  // of hundreds of checks side by side each asks
  for (auto& a : s.open) {
    busy[static_cast<std::size_t>(a.step)] = true;
    auto how = stop(a) ? Handling::stop : a.epoch != s.epoch ? Handling::resume : Handling::start;
    w.work.push_back({a, how});
    if (!a.timed_out) wake_at(a.due);
  }
  auto prepare = [&](StepIx i, Way way) {
    if (busy[static_cast<std::size_t>(i)]) return;
    if (s.at(i).not_before > now) return wake_at(s.at(i).not_before);
    w.prepare.emplace_back(i, way);
  };
  bool tried = on_trial(s);
  if (s.mode == Mode::forward)
    for (auto i : frontier(s))
      if (!s.at(i).aside && (!tried || s.step(i).call.of_bake())) prepare(i, Way::apply);
  // Held, nobody is given back to it (but where nobody else is left): that waits for people like all else that goes
  // forward.
  bool goes = s.mode == Mode::forward || s.mode == Mode::held;
  bool over = s.mode == Mode::forward && now >= s.aside_until;
  for (StepIx i = 0; goes && i < s.count(); ++i) {
    bool again = over || s.at(i).given_back;
    if (s.at(i).aside && (again || !s.at(i).away)) prepare(i, again ? Way::apply : Way::aside);
  }
  if (s.mode == Mode::forward && aside(s) && !over) wake_at(*s.aside_until);
  if (s.mode == Mode::retreat)
    for (auto i : to_undo(s))
      if (may_begin_undo(s, i)) prepare(i, Way::undo);
  w.judge = (s.mode == Mode::forward || s.mode == Mode::held) && exposed(s);
  return w;
}

}  // namespace davy::run
