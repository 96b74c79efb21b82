// The folder as it lies on the disk.
#pragma once
#include "migrations/ledger/folder.h"

namespace davy::migrations {

inline constexpr std::size_t kMostFiles = 20'000;
inline constexpr std::size_t kMostBytes = 256 * 1024 * 1024;  // of all of them together

// Plain files whose name ends so (in small letters or capitals), directly in it. Code::invalid: it is no folder, or
// there is too much in it.
Result<std::vector<File>> read_files(const std::string& folder, std::string_view ending);

// One file, at most so many bytes.
Result<std::string> read_file(const std::string& path, std::size_t most);

}  // namespace davy::migrations
