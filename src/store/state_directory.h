// Where a Davy keeps what it must not forget, readable by its own user only: journals name hosts, people and commands.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"

namespace davy::store {

// Makes the directory (0700) and what is missing above it; one that exists keeps its mode. Code::invalid, with the
// reason, when it cannot be made or written to, or belongs to another user: also root, since what root wrote there its
// owner could not go on with.
Result<> make_directory(const std::string& path);
Result<> must_be_of(unsigned user, const std::string& path, unsigned owner);  // the decision in it, with its sentence

// Code::unavailable: there is no state here (any more), or its file cannot be seen.
Result<> must_exist(const std::string& file);

// Which file a path names now; nothing where it names none.
using FileId = std::optional<std::pair<std::uint64_t, std::uint64_t>>;  // device, inode
FileId file_at(const std::string& path);

// Makes an empty file (0600) unless it is there; either way this user may read and write it afterwards.
Result<> make_file(const std::string& path);

}  // namespace davy::store
