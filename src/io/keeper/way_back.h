// Carrying out a way back, in a process of its own: it may block, and nothing else has to work for it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/keeper/spool.h"
#include "ports/guard.h"

namespace davy::io {

// Questions, then commands, each within 5 s. On success <spool>/way-back says so: {at, says, answers}. The first that
// fails ends it; all of them can be repeated.
Result<> take_way_back(const ports::WayBack&, const Spool&);

// Connects (unix path or host:port), sends the text as one line, reads until the other side closes.
Result<std::string> ask_blocking(const std::string& address, std::string text, Duration timeout);

std::string to_json(const ports::WayBack&);
std::optional<ports::WayBack> way_back_from_json(const std::string&);

// Reads <spool>/way-back; the keeper removes it when the guard is armed anew or disarmed.
Result<std::optional<ports::Guard::Taken>> read_taken(const Spool&);

}  // namespace davy::io
