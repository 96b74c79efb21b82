// Where the plan says that a secret's value comes from: a command (a vault's own client), a file, a credential of
// systemd; else the environment, and behind that the environment's file.
#pragma once
#include "io/secrets/secrets.h"
#include "run/runbook.h"

namespace davy::io {

// Takes the values of all of the runbook's secrets, as they are now. Commands run side by side, by /bin/sh in the
// plan's folder, with the plan's variables, and no longer than `within`; their output without its last newline is the
// value. Waits for them, so it stands before any loop. Code::invalid: one is missing, a command failed (what it said
// last on its error output is told), or there is no value; refused: others could read the file. What was taken before
// the mistake is there.
Result<> take_secrets(Secrets&, const run::Runbook&, Duration within = std::chrono::seconds(30));

}  // namespace davy::io
