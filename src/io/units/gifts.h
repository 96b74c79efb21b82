// What Davy gives units, on the disk: beside the drop-ins of whoever runs the machine.
#pragma once
#include "io/secrets/secrets.h"
#include "ports/units.h"

namespace davy::io {

// Where a manager looks for its unit files: "/etc/systemd/system", as it sees it itself. root: what stands before that,
// as it is seen from here; empty: nothing does.
struct GiftPlace {
  std::string root, folder;
};

// See ports::Units.
Result<> write_gift(const GiftPlace&, const std::string& unit, const ports::Gift&, const Secrets&);
Result<> remove_gift(const GiftPlace&, const std::string& unit);
Result<std::vector<ports::Given>> gifts_in(const GiftPlace&, const std::string& unit);

}  // namespace davy::io
