#pragma once
#include "ports/platform.h"

namespace davy::ports {

// How a service of the plan runs, in its platform's own words.
struct ServiceState {
  std::string release;              // of which: what is shipped where anybody of it runs, else what served before
  std::vector<Endpoint> instances;  // dead ones too
  Result<> healthy = {};            // each of them was asked; an Error names the one that is not well
};

struct Running {
  virtual ~Running() = default;
  // Reads only. Code::invalid: no such service; otherwise the platform could not be asked.
  virtual Task<ServiceState> of(std::string service) = 0;
};

}  // namespace davy::ports
