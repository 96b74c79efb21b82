// The signals of a plan, watched by a process that acts on nothing: what `davy observe` stands on.
#pragma once
#include <functional>
#include <stop_token>

#include "host/outfit.h"

namespace davy::host {

// Opens the runbook's signals and hands over their windows in order, until `see` answers false or somebody asks it to
// stop. `see` may wait (for a webhook, say); windows queue meanwhile. Nothing of the state directory is written but a
// spool for the commands of signals, which is removed at the end. `tell`: in what format a signal's log is, once that
// is told from its lines, and again when it is told otherwise.
Result<> observe(const StateDir&, const run::Runbook&,
                 const std::function<asio::awaitable<bool>(judge::Window, ports::Outside&)>& see,
                 const std::function<void(const std::string& signal, const std::string& format)>& tell,
                 std::stop_token);

}  // namespace davy::host
