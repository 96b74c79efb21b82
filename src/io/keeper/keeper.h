// The keeper of one run: a small process that starts the run's commands and instances, so that they, their output and
// their exit status survive Davy; that starts the run's engine again when it vanishes; and that holds the way back.
//
// Signals: TERM, INT and HUP end nothing at once: a deployment is not cut in half because a terminal closed or a
// machine goes down in order. They are recorded in keeper.log, the engine is not started again, and the keeper ends as
// soon as no command runs and no guard is armed. Only KILL ends it earlier; commands survive that, and a later keeper
// finds them.
//
// Lives in whatever cgroup Davy was started in: systemd's KillMode=control-group, KillUserProcesses=yes and the
// clean-up of CI jobs end it together with that.
#pragma once
#include "io/keeper/keeper_options.h"

namespace davy::io {

// The whole main of `davy keep`: call it before any thread or Asio exists. The process that calls ends at once; the
// keeper is its child, so that whoever started it need not wait for it. Returns, in the keeper, the exit code: 0 when
// it has nothing left to do or the spool has a keeper already, 1 when it could not begin and has said why on stdout.
int keep(const KeeperOptions&);

}  // namespace davy::io
