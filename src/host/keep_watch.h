// One watch kept: signals, probes, platforms and ways to people made real, handed to its loop.
#pragma once
#include <functional>
#include <stop_token>

#include "host/state_dir.h"
#include "ports/journal.h"

namespace davy::host {

struct WatchKeeping {
  // Begins the run that takes back the release that this one shipped; may block for a moment.
  std::function<Result<std::string>(const std::string& run, const std::string& why)> take_back;
  std::function<void(const std::string&)> say;  // one line, for a log
  bool once = false;                            // what is due now, and no more
};

// What one watch stumbles over ends no other: an exception is an Error.
Result<> calmly(const std::function<Result<>()>& work);

// Until it is over, another has it (both are no error), it was kept `once`, or somebody asks it to stop. Relative paths
// begin where the plan stands. The store may serve other threads at the same time.
Result<> keep_watch(const StateDir&, ports::Store&, const std::string& stream, const WatchKeeping&, std::stop_token);

// Tells people what is news of a watch, whoever keeps it: until it is over and all is told, or, `until_told`, until all
// that was written so far is; or somebody asks it to stop. Whoever does this next goes on where it was.
Result<> tell_watch(const StateDir&, ports::Store&, const std::string& stream, bool until_told, std::stop_token);

}  // namespace davy::host
