// Whether a disk has room, asked before anything is written.
#pragma once
#include <cstdint>
#include <string>

#include "base/error.h"

namespace davy::backups {

// Code::no_space: the disk of `folder` has less than `wanted` bytes free. That it could not be asked is an Error as
// well.
Result<> has_room(const std::string& folder, std::int64_t wanted, const std::string& what);

}  // namespace davy::backups
