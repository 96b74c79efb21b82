// Following a run, and who asks here.
#pragma once
#include "cli/session.h"

namespace davy::cli {

// Shows the run until it ends or holds: redrawn on a terminal, a line per event in a pipe, of those after the one with
// this number. Ctrl-C asks what to do, twice detaches. Answers the exit code.
int follow(Session&, const std::string& run, std::int64_t after = 0);

// The system's user at a terminal, and who they claim to be.
run::Speaker speaker(const std::string& as);

}  // namespace davy::cli
