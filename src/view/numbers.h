// What the samples say, for screens and charts.
#pragma once
#include "view/view.h"

namespace davy::view {

// Whose users are where, by service, as the journal knows it: what was last set, or all once it serves in place.
std::vector<Share> shares_of(const run::State&, const std::vector<StepView>&);

// candidate, before, traffic and blind from view.windows.
void add_numbers(RunView&, Time now);

// Of all subjects together.
judge::Tally candidate_tally(const judge::Window&, const std::vector<run::Subject>&);
judge::Tally previous_tally(const judge::Window&, const std::vector<run::Subject>&);

double error_rate(const judge::Tally&);

}  // namespace davy::view
