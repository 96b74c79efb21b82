// What Davy gives units, on the disk: beside the drop-ins of whoever runs the machine.
#pragma once
#include "io/secrets/secrets.h"
#include "ports/units.h"

namespace davy::io {

// folder: where the manager looks for its unit files, "/etc/systemd/system". See ports::Units.
Result<> write_gift(const std::string& folder, const std::string& unit, const ports::Gift&, const Secrets&);
Result<> remove_gift(const std::string& folder, const std::string& unit);
Result<std::vector<ports::Given>> gifts_in(const std::string& folder, const std::string& unit);

}  // namespace davy::io
