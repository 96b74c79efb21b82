// What the guard keeps on the disk: the armed way back for the next keeper, and for people how far one has come that is
// being taken. Neither holds the value of a secret: acts name those that they need.
#pragma once
#include <optional>
#include <string>

#include "io/keeper/spool.h"
#include "ports/guard.h"

namespace davy::io {

// A way back that is being taken, or was. <spool>/way-back.
struct Taking {
  Time since{};            // when the keeper began
  std::optional<Time> at;  // of the first act that was carried out; none: nobody was moved yet
  std::vector<std::string> done;
  std::vector<ports::Guard::Open> open;
  bool told = false;  // to an engine: it acts on it now
};

std::string to_json(const ports::WayBack&);
std::optional<ports::WayBack> way_back_from_json(const std::string&);
std::string to_json(const Taking&);

// Nothing when none was begun since the guard was last armed. Also without a keeper: it reads the file.
Result<std::optional<Taking>> read_taking(const Spool&);

}  // namespace davy::io
