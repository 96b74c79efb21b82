// What people may say so that a run goes on where it would stand: that they know of something and it is no reason to
// stop (waive), that a bake was long enough (promote), that what was asked of them is so, though late. Pure.
#pragma once
#include "run/state.h"

namespace davy::run {

// What is answered to a person, and what follows.
struct Answer {
  std::string text;
  std::vector<Event> events = {};
};

// Asked::ask is `waive`, or `waive until TIME` (as RFC 3339 has it). About: a rule, a test that has spoken, or a step
// that only looks or is optional; any part of its name will do while it is the only one of that kind.
Answer asked_waive(const State&, const Asked&, Time now);

// About: nothing (the bake that goes on, or that the run is held for), or `all` (those still to come as well). Rules go
// on judging.
Answer asked_promote(const State&, const Asked&);

// confirm, approve: of a step that waits, or of one whose time was over and for which the run is held.
Answer asked_person(const State&, const Asked&);

// Who knows about this rule or step by now; nothing when nobody does.
const Waived* waiver(const State&, std::string_view about, Time now);

// What ends a step as soon as it would begin, because somebody said so before; nothing when nobody did.
std::vector<Event> passed_over(const State&, StepIx, Time now);

}  // namespace davy::run
