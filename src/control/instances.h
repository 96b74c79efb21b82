// What Davy started on this machine, and what of it nobody needs.
#pragma once
#include <functional>

#include "control/runs.h"
#include "ports/process.h"

namespace davy::control {

struct Instance {
  ports::InstanceState state;
  std::string release;
  std::string needed;  // why it stays; empty: nobody needs it
};
Result<std::vector<Instance>> instances(Runs&);

// Takes down what no run needs, a release at a time, since its router knows servers and not which run left them; `told`
// of each: it is gone, or why not. dry: only says which.
Result<> prune(Runs&, bool dry, const std::function<void(const std::string& release, const Result<>& gone)>& told);

}  // namespace davy::control
