// Where a Davy keeps what it must not forget, readable by its own user only: journals name hosts, people and commands.
#pragma once
#include <string>

#include "base/error.h"

namespace davy::store {

// Makes the directory (0700) and what is missing above it; one that exists keeps its mode. Code::invalid, with the
// reason, when it cannot be made or written to.
Result<> make_directory(const std::string& path);

// Makes an empty file (0600) unless it is there; either way this user may read and write it afterwards.
Result<> make_file(const std::string& path);

}  // namespace davy::store
