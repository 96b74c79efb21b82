#include "control/driving.h"

#include <algorithm>
#include <thread>

#include "host/beginning.h"
#include "host/keeper_start.h"
#include "host/plan_folder.h"
#include "io/posix/lockfile.h"
#include "io/posix/spawn.h"

namespace davy::control {
namespace {

using namespace std::chrono_literals;

bool comes_to_drive(Runs& runs, const std::string& run, Duration within) {
  for (auto until = runs.now() + within; runs.now() < until; std::this_thread::sleep_for(10ms))
    if (driven(runs, run)) return true;
  return driven(runs, run);
}

// A journal that cannot be read is nothing to wait for here: the engine says why.
run::Runbook runbook_of(Runs& runs, const std::string& run) {
  auto events = runs.events(run);
  auto started = events && !events->empty() ? std::get_if<run::Started>(&events->front().event) : nullptr;
  return started ? started->runbook : run::Runbook{};
}

// It stands where the plan does: its moves are named from there.
Result<> start_keeper(Runs& runs, const std::string& run) {
  auto book = runbook_of(runs, run);
  auto options = host::keeper_options(runs.dir(), runs.dir().spool(run));
  options.engine = host::engine_argv(runs.dir(), run);
  if (!book.notices.null()) options.sender = host::notices_argv(runs.dir(), run);
  options.plan_folder = book.setup.directory;
  Result<> out;
  host::in_folder(options.folder(), [&] { out = io::start_keeper("/proc/self/exe", options); });
  return out;
}

}  // namespace

bool driven(Runs& runs, const std::string& run) {
  auto holder = io::LockFile::holder(runs.dir().engine_lock(run));
  return holder && holder->has_value();
}

bool nobody_drives(Runs& runs, const std::string& run) {
  auto begun = host::begins(runs.dir(), run);
  if (!begun || *begun || driven(runs, run)) return false;
  auto info = runs.find(run);  // behind the engine: one that has just gone has written the end
  return info && !info->ended;
}

Result<bool> see_that_it_is_driven(Runs& runs, const std::string& run) {
  if (driven(runs, run)) return false;
  auto info = runs.find(run);
  if (!info) return std::unexpected(info.error());
  if (info->ended) return false;
  if (auto started = start_keeper(runs, run); !started) return std::unexpected(started.error());
  if (comes_to_drive(runs, run, 2s)) return true;
  if (info = runs.find(run); info && info->ended) return false;
  // The keeper lives but has given up on the engine: one without it.
  if (auto spawned = io::spawn_davy(host::engine_argv(runs.dir(), run), -1, true); !spawned)
    return std::unexpected(spawned.error());
  return true;
}

bool somebody_is_leaving(Runs& runs, const std::vector<std::string>& services, const std::string& environment) {
  for (auto& service : services) {
    auto last = runs.list({.service = service, .environment = environment, .most = 2});
    if (last && std::ranges::any_of(*last, [&](auto& run) { return run.ended && driven(runs, run.id); })) return true;
  }
  return false;
}

}  // namespace davy::control
