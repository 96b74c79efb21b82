// The service manager that started this process, where one did.
#pragma once
#include <string>

namespace davy::io {

// "READY=1", "WATCHDOG=1", "STOPPING=1" (sd_notify(3)). Nothing happens where no manager listens.
void tell_manager(const std::string& state);

}  // namespace davy::io
