// The way back as a state tells it: what is taken back now, what stays, and what bars it.
#include <algorithm>

#include "run/state.h"

namespace davy::run {
namespace {

bool undo_only(const State& s, StepIx i) { return s.step(i).call.nothing(); }

bool any(const State& s, std::int32_t subject, bool (Step::*effect)() const) {
  for (StepIx i = 0; i < s.count(); ++i)
    if ((s.step(i).*effect)() && s.step(i).subject == subject && s.at(i).tainted) return true;
  return false;
}

// All users of a service go to its previous release, unless that is gone: then it is brought up first.
bool home_due(const State& s, StepIx i) {
  if (!s.step(i).undo.call.brings_home() || s.at(i).undone) return false;
  bool all_the_way = s.retreat_to == 0 && s.after_retreat == Mode::ended;
  auto subject = s.step(i).subject;
  return all_the_way && any(s, subject, &Step::exposes) && !any(s, subject, &Step::parts);
}

// What must stay because something behind it could not be taken back: an application that still runs keeps its data,
// and users who could not be brought home keep their release.
bool must_stay(const State& s, StepIx i) {
  auto& step = s.step(i);
  bool data = step.data || step.undo.kind == UndoKind::loses;
  bool serves = step.side == Side::candidate && step.undo.call.of_machine();
  for (auto g = i + 1; g < s.count(); ++g) {
    if (s.at(g).given_up.empty()) continue;
    auto& stuck = s.step(g);
    if (data && stuck.undo.call.of_machine()) return true;
    if (serves && stuck.parts() && stuck.subject == step.subject) return true;
  }
  return false;
}

bool covered_took(const State& s, const Step& step) {
  if (step.covers_first == kNone) return true;
  for (auto i = step.covers_first; i < step.covers_last; ++i)
    if (s.at(i).took) return true;
  return false;
}

bool due(const State& s, StepIx i) {
  auto& step = s.step(i);
  auto& at = s.at(i);
  if (step.undo.kind == UndoKind::nothing || step.undo.call.brings_home()) return false;
  if (at.undone || at.kept || !at.given_up.empty() || must_stay(s, i)) return false;
  return undo_only(s, i) ? i < s.reached && covered_took(s, step) : at.tainted;
}

}  // namespace

std::vector<StepIx> to_undo(const State& s) {
  std::vector<StepIx> homes;
  for (StepIx i = 0; i < s.count(); ++i)
    if (home_due(s, i)) homes.push_back(i);
  if (!homes.empty()) return homes;
  for (auto i = s.count() - 1; i >= s.retreat_to; --i)
    if (due(s, i)) return {i};
  return {};
}

std::vector<std::vector<StepIx>> way_back_of(const Runbook& book) {
  State s;
  fold(s, Started{.runbook = book}, {});
  for (StepIx i = 0; i < s.count(); ++i)
    s.at(i).applied = s.at(i).tainted = s.at(i).took = !s.step(i).parts() && !s.step(i).call.nothing();
  s.reached = s.count();
  fold(s, RetreatBegan{.to = 0, .then = Mode::ended}, {});
  std::vector<std::vector<StepIx>> out;
  for (auto next = to_undo(s); !next.empty(); next = to_undo(s)) {
    for (auto i : next) s.at(i).undone = true, s.at(i).tainted = false;
    out.push_back(std::move(next));
  }
  return out;
}

bool users_on_their_way(const State& s) {
  if (s.mode != Mode::retreat) return false;
  for (StepIx i = 0; i < s.count(); ++i)
    if (home_due(s, i)) return true;
  return false;
}

StepIx point_of_no_return(const State& s, StepIx to) {
  for (auto i = s.count() - 1; i >= to; --i)
    if (s.step(i).undo.kind == UndoKind::impossible && s.at(i).tainted && !s.step(i).compatible) return i;
  return kNone;
}

bool barred(const State& s) { return point_of_no_return(s, 0) != kNone && (s.runbook.first_release() || parted(s)); }

std::vector<StepIx> losing(const State& s, StepIx to) {
  std::vector<StepIx> out;
  for (auto i = to; i < s.count(); ++i)
    if (s.step(i).undo.kind == UndoKind::loses && s.at(i).tainted && s.at(i).written) out.push_back(i);
  return out;
}

}  // namespace davy::run
