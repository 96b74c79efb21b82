// How this program's keepers are started, by whoever needs one.
#pragma once
#include "host/state_dir.h"
#include "io/keeper/keeper_options.h"

namespace davy::host {

// Of one spool and this state directory, without an engine. Tests reboot and lose patience without waiting for either:
// DAVY_TEST_BOOT_ID stands in for the kernel's boot id, DAVY_TEST_PATIENCE (ms) for the guard's 15 s.
io::KeeperOptions keeper_options(const StateDir&, const std::string& spool);

// How an engine of this program is started: by a keeper, and by whoever finds none.
std::vector<std::string> engine_argv(const StateDir&, const std::string& run);
std::vector<std::string> notices_argv(const StateDir&, const std::string& run);  // the same of who tells people

// Tells people of a run that has no keeper any more. Fine where somebody does already.
Result<> tell_people(const StateDir&, const std::string& run);

}  // namespace davy::host
