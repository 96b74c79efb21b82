// What a program prints, packed into a file; and a packed file as what a program reads.
#pragma once
#include "backups/copy/packing.h"
#include "backups/tool/child.h"
#include "backups/tool/progress.h"

namespace davy::backups {

// errors: what it said on stderr though it ended well. What is not whole is removed by who made its folder.
Result<Packed> pack_output(const Tool&, const std::string& file, Progress&, std::string* errors = nullptr);

// What it prints is read by nobody: it must print nothing. Until all is read and the program has ended well. What is
// said first is what the program said: that it reads no more is no cause.
Result<Packed> feed(const std::string& file, const Tool&, Progress&);

}  // namespace davy::backups
