// One notice over one way.
#pragma once
#include <functional>

#include "notices/notice.h"
#include "ports/ways.h"

namespace davy::engine {

struct Ways {
  ports::Mail& mail;
  ports::Hooks& hooks;
  ports::Sayings& sayings;
  ports::StatusPages& pages;
  std::string directory;  // where commands run
  std::string host;       // of this machine: davy@HOST sends where a plan names nobody
};

// Hands it over; what the answer means is the ports' (ports/ways.h).
ports::Task<> hand(Ways&, const notices::Book&, notices::Notice);

}  // namespace davy::engine
