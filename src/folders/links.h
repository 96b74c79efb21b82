// Links that are the record of a releases folder: each comes, changes and goes in one step, and is on the disk then.
#pragma once
#include <optional>
#include <string>

#include "base/error.h"

namespace davy::folders {

// `link` points to `target` from now on, whether it was there or not: made under another name, renamed, and its folder
// synced. Readers see the old target or the new one. Code::refused: something else than a link has that name.
// Repeatable.
Result<> point(const std::string& link, const std::string& target);

// It is not there any more; fine when it was not. Code::refused: it is no link. Repeatable.
Result<> unpoint(const std::string& link);

// Where it leads, as it says; nothing where there is none. Code::refused: it is no link.
Result<std::optional<std::string>> where(const std::string& link);

// The folder's own entries are on the disk.
Result<> sync_folder(const std::string& folder);

}  // namespace davy::folders
