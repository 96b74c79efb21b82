// How a keeper is started: as a new process of the same program, with these options as its arguments.
#pragma once
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "io/posix/plan_folder.h"

namespace davy::io {

struct KeeperOptions {
  std::string spool;      // one folder per run; made when it is not there
  std::string instances;  // <state>/instances; made when it is needed
  // The run's engine: started with the keeper, and again when it vanishes. Empty: there is none to look after, and the
  // keeper ends when nobody has been connected for `linger` and it has nothing left to do.
  std::vector<std::string> engine;
  std::vector<std::string> sender;  // who tells people of the run; empty: nobody
  pid_t engine_pid = 0;             // it runs already (its keeper was killed): watched, not started
  std::set<int> clean_ends = {0};   // exit codes of an engine that need no restart
  std::vector<Duration> restart_pauses = {std::chrono::milliseconds(200), std::chrono::seconds(1),
                                          std::chrono::seconds(5)};
  Duration patience{};  // of the guard, instead of what each way back says; for tests
  Duration linger = std::chrono::seconds(5);
  std::string boot;         // instead of the kernel's boot id, for tests
  std::string plan_folder;  // where the run's plan stands; what begins there begins in <spool>/gone when it has gone
  PlanFolder folder() const { return {plan_folder, spool + "/gone"}; }
};

std::vector<std::string> to_arguments(const KeeperOptions&);
Result<KeeperOptions> keeper_options(std::span<const std::string> arguments);

// Runs `program keep …`, `program` being this program ("/proc/self/exe"), and returns when the keeper listens: some
// milliseconds, in which the caller blocks. Fine when another keeper already has the spool.
Result<> start_keeper(const std::string& program, const KeeperOptions&);

}  // namespace davy::io
