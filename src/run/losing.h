// What taking a step back would cost: whose data it is, and whether users may have written since. Pure; used within
// this folder.
#pragma once
#include <algorithm>

#include "run/state.h"

namespace davy::run {

// A user's command, a migration, or a copy that is brought back.
inline bool works_on_data(const Call& call) { return call.port == "command" || call.port == "backup"; }

// Users may have written what is lost with it: since it began, or, where a copy is brought back, since that was begun.
inline bool written_since(const State& s, StepIx i) {
  if (s.at(i).written) return true;
  auto& undo = s.step(i).undo.call;
  auto copy = undo.port == "backup" ? undo.args.find("step") : nullptr;
  if (!copy || !copy->text()) return false;
  for (StepIx j = 0; j < s.count(); ++j)
    if (s.step(j).path == *copy->text()) return s.at(j).written;
  return true;  // of a copy that no step made nobody knows
}

// No page stands before the users, but nobody runs who could write: what served was stopped, in place, and nothing of
// the candidate has begun.
inline bool nobody_runs(const State& s) {
  for (StepIx subject = 0; subject < static_cast<StepIx>(s.runbook.subjects.size()); ++subject) {
    bool stopped = false, begun = false;
    for (StepIx i = 0; i < s.count(); ++i) {
      auto& step = s.step(i);
      if (step.subject != subject) continue;
      stopped |= step.parts() && step.call.operation == "stop" && s.at(i).applied;
      begun |= s.at(i).tainted && step.side == Side::candidate && (step.exposes() || step.call.operation == "start");
    }
    if (!stopped || begun) return false;
  }
  return !s.runbook.subjects.empty();
}

}  // namespace davy::run
