// The verb `watch`: what is looked at after rollouts, and how it was found.
#pragma once
#include "control/runs.h"
#include "view/watch_view.h"

namespace davy::control {

// The open watches of a service (empty: of all), the newest first.
Result<std::vector<view::WatchView>> watches(Runs&, const std::string& service = {});

// Of one run's release; nothing: none is open.
Result<std::optional<view::WatchView>> watch_of(Runs&, const std::string& run);

}  // namespace davy::control
