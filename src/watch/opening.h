// What begins when a run has ended.
#pragma once
#include "run/state.h"
#include "watch/event.h"

namespace davy::watch {

// The watch over what serves once this run is over: its release, where it was done; what belongs to the service alone,
// where it took another run's release back. Nothing: there is nothing to watch. `at`: the moment of the end.
std::optional<Began> opened_by(const run::State&, const run::Ended&, const std::string& run, Time at);

// Of the watch that a run opens, and how it is called by people: "k3f9-watch".
std::string id_of(const std::string& run);

}  // namespace davy::watch
