// One engine process: everything it is made of, put together, and nothing decided.
#pragma once
#include <functional>
#include <string>

#include "host/state_dir.h"
#include "run/state.h"

namespace davy::host {

// The main of `davy engine RUN`: carries the run on until it ends. Started by the run's keeper, and by it again when it
// vanishes. Exit codes: 0 the run has ended or somebody else drives it, 1 it could not go on and says why on stderr.
int engine_process(const StateDir&, const std::string& run);

// Everything that `davy deploy` can find wrong before a run exists: log sockets that cannot be bound, secrets that are
// missing, platforms and routers that do not answer. Binds and reads only; relative paths begin where the plan stands.
Result<> preflight(const StateDir&, const run::Runbook&);

// Carries out checks alone, in this process, without a journal on disk; events go to `told` as they happen. open_run: a
// run of the same services that is open, which keeps what has only one reader; empty: none.
Result<run::Ending> check_only(const StateDir&, const run::Runbook&, const std::string& open_run,
                               const std::function<void(const run::Event&, const run::State&, Time)>& told);

}  // namespace davy::host
