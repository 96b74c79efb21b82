// Whole trees of files: made, shared into, and removed. Nothing is followed out of them.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"

namespace davy::folders {

// All of it, read-only folders too (a cache of Go's modules). A link is removed, what it leads to stays; fine when it
// is not there. Repeatable.
Result<> remove_tree(const std::string& path);

// An empty folder of that name, whatever was there before.
Result<> empty_folder(const std::string& path);

// The folder and those above it that are missing, with the modes that the user's umask leaves.
Result<> make_folder(const std::string& path);

// Each of `names` (relative paths) in `folder` becomes a link to `shared`/NAME; what the release itself had there goes.
// One that is not in `shared` yet is linked there from `adopted`, where that has it. Code::invalid: nobody has it, or a
// link of the release stands on the way to it. Repeatable.
Result<> share(const std::string& folder, const std::vector<std::string>& names, const std::string& shared,
               const std::string& adopted);

// All that was written below it, and its names, are on the disk.
Result<> sync_tree(const std::string& path);

}  // namespace davy::folders
