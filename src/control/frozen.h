// Environments in which somebody said that nothing is deployed for now: beside the frozen days of a plan.
#pragma once
#include "control/runs.h"

namespace davy::control {

struct Frozen {
  std::string environment;
  Time since{}, until{};
  std::string why, who;
};

// Until then `davy deploy` refuses that environment, whatever plan; one that is frozen already is frozen anew.
// Code::invalid: a time that is over, or a name that is none.
Result<Frozen> freeze(Runs&, const std::string& environment, Time until, const std::string& why,
                      const run::Speaker& who);

// Code::refused: it was not frozen.
Result<> thaw(Runs&, const std::string& environment);

// Those that are frozen now, by name. Code::internal: one that was kept cannot be read; then nobody knows that it is
// not.
Result<std::vector<Frozen>> frozen(Runs&);

}  // namespace davy::control
