// After a reload HAProxy's former worker goes on with the requests that it has, and no command reaches it. Whoever
// stops an instance must wait for it, too. Found by what the system shows: it runs on the machine of its socket.
#pragma once
#include <vector>

#include "base/error.h"
#include "ports/files.h"

namespace davy::providers::haproxy {

// Processes of the same HAProxy (the same program, the same `-f`) that are older workers than `current`, by pid. Reads
// /proc, so the answer is of this moment. Code::unavailable where `current` itself is not to be seen: it runs on
// another machine or in a container, or /proc hides what other users run.
Result<std::vector<long>> older_workers(ports::Files&, long current);

}  // namespace davy::providers::haproxy
