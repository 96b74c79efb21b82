// What going back begins with and ends as: the events that a reason to go back leads to, and the sentences. Pure; for
// decide(), and for whoever tells what can be typed.
#pragma once
#include "run/state.h"

namespace davy::run {

using Events = std::vector<Event>;

Events hold(std::string question, Mode then = Mode::forward, StepIx unknown = kNone);
Events hold(std::string question, std::string about);  // of a rule, test or step that a person may waive or promote

// Everything from `to` on is taken back, or held where that cannot be: a point of no return bars the way, or users'
// data would be lost and nobody was asked. data: what a person answered to that question; untouched: nobody was.
Events retreat(const State&, StepIx to, std::string why, Data data = Data::untouched);

// The end of a run that has changed nothing that still stands: refused, or, where it was taken back before, that.
Events end_unchanged(const State&, std::string why);

// What trouble at this step leads to: refused where nothing was changed, else as the plan says.
Events trouble(const State&, StepIx at, std::string why);

// What would lose users' data and the previous release cannot live with; null when there is none.
const Step* loses_data(const State&, StepIx to);

// The events of a retreat in which nothing is left to do.
Events retreated(const State&);

// "shop 2, web 2"; of the previous ones those that there are: a service may be new.
std::string names(const Runbook&, Side);

}  // namespace davy::run
