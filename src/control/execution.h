// A program that is run as a service's own: its variables, its secrets, its folder.
#pragma once
#include <optional>

#include "control/runs.h"

namespace davy::control {

struct Execution {
  std::vector<std::string> env;  // NAME=value, all of it; wiped by whoever is done with it
  std::string folder;            // empty: where this process stands
  std::string whose;             // "shop 3 in production", for people
};

// Of the release of this service that serves, by the record; where nobody can tell, because a run goes on there or was
// left: of the side that is named, `candidate` or `previous`, of the newest run. Code::invalid: no run shipped it, or
// no such side. Secrets are taken where the plan has them; blocks for as long as that takes.
struct WhoseExecution {
  std::string service, environment;  // environment: of the newest run without it
  std::optional<run::Side> side = {};
};
Result<Execution> execution_of(Runs&, const WhoseExecution&);

}  // namespace davy::control
