// A lock that ends with its holder: flock, with a line inside that says who holds it.
#pragma once
#include <optional>
#include <string>

#include "base/error.h"
#include "io/posix/posix.h"

namespace davy::io {

class LockFile {
 public:
  // Takes the lock and writes `holder` into the file. Code::refused with the holder's line when another process has it.
  // The lock lasts as long as this object, or until the process ends, however it ends. The file stays.
  static Result<LockFile> take(const std::string& path, std::string_view holder);

  // The line of who holds it now; nothing when nobody does. May be empty in the instant before it is written.
  static Result<std::optional<std::string>> holder(const std::string& path);

 private:
  explicit LockFile(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace davy::io
