#include "io/posix/manager.h"

#include <systemd/sd-daemon.h>

namespace davy::io {

void tell_manager(const std::string& state) { ::sd_notify(0, state.c_str()); }

}  // namespace davy::io
