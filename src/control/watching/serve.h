// The verb `serve`: keeps the watches of a state directory.
#pragma once
#include <functional>
#include <stop_token>

#include "control/runs.h"

namespace davy::control {

struct Serving {
  bool once = false;                            // what is due now, and no more
  std::function<void(const std::string&)> say;  // one line, for a log
};

// Until it is asked to stop; each watch in a thread of its own, suspended while a run of its services is open.
// Code::refused: another serves this directory.
Result<> serve(Runs&, const Serving&, std::stop_token);

// Whether somebody serves this directory now, and who: "pid 123"; nothing: nobody.
std::optional<std::string> served_by(const host::StateDir&);

}  // namespace davy::control
