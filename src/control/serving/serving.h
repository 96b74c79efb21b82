// What serves now, as the record tells: which release of a service, how it is run, and what of it can be taken back.
#pragma once
#include "control/runs.h"

namespace davy::control {

struct Serving {
  run::Release release;
  std::string platform;  // that it was shipped on
  std::string route;     // and who sent it users; empty: nobody
  std::string digest;    // of the plan and environment by which it was shipped; empty: by an older plan than that
};

// Who sends a service its users, in words: `haproxy`, backend `shop`. Empty: nobody.
std::string route_of(const run::ServiceSetup*);

// By the newest run that tells: one that was done (its candidate), or that was rolled back (what was there before, and
// was verified). What was refused changed nothing. Nothing where no run tells. Code::refused when a run ended
// without telling (a person left it, its way back failed): then `said` must name the version, as somebody who looked
// knows it.
Result<std::optional<Serving>> what_serves(Runs&, const std::string& service, const std::string& environment,
                                           const std::string& said);

// What this run takes its service back to.
Result<Serving> stood_before(Runs&, const std::string& run, const std::string& service);

// A run that takes this one back: the same runbook, from its end to its beginning. Code::refused when there is nothing
// to take back: it was not done, or is no longer what serves.
Result<run::Started> taking_back(Runs&, const ports::RunInfo& done);

}  // namespace davy::control
