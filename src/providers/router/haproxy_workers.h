// After a reload HAProxy's former worker goes on with the requests that it has, and no command reaches it. Whoever
// stops an instance must wait for it, too. Found by what the system shows: it runs on the machine of its socket.
#pragma once
#include <vector>

#include "ports/files.h"

namespace davy::providers::haproxy {

// Processes of the same HAProxy (the same program, the same `-f`) that are older workers than `current`, by pid. None
// when `current` does not run here (a socket over TCP). Reads /proc, so the answer is of this moment.
std::vector<long> older_workers(ports::Files&, long current);

}  // namespace davy::providers::haproxy
