// What serves now, found by asking: the platform which instances live, the router who has users. Reads only. Relative
// paths begin where the runbook's plan stands.
#pragma once
#include "host/state_dir.h"
#include "ports/probe.h"
#include "ports/router.h"
#include "run/runbook.h"

namespace davy::host {

// Of one service. An Error: it could not be asked, which says nothing about what is there.
struct ServiceSeen {
  std::string service;
  Result<std::vector<ports::Endpoint>> instances = {};  // of both releases of the run
  Result<std::vector<ports::Served>> served = {};       // none where nobody routes it
  bool routed = false;
  std::vector<ports::Share> shares = {};  // as a platform gives them out itself
};
struct Seen {
  Time at{};
  std::vector<ServiceSeen> services;
};

// Routers that never forget are left alone between two steps (ports/router.h), for a question may be somebody's
// command: `all` asks those, too. Nothing is waited for longer than `within`.
Seen look_around(const StateDir&, const run::Runbook&, Duration within, bool all);

// What a probe sees, asked once for the candidate's side of this service. An Error: it could not be asked.
Result<ports::Observation> look_with(const StateDir&, const run::Runbook&, std::int32_t subject,
                                     const run::Chosen& probe, Duration within);

// Takes every instance of this release of the runbook's subject down: out of the router, then from the platform.
// Code::refused while it has users and nobody else is up who could take them.
Result<> take_down(const StateDir&, const run::Runbook&, std::int32_t subject, run::Side);

}  // namespace davy::host
