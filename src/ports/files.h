#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/units.h"

namespace davy::ports {

// Small local files; calls do not block for long, so they are plain functions.
struct Files {
  struct Stat {
    Bytes size;
    unsigned mode = 0;  // permission bits
    bool directory = false;
    std::string owner = {}, group = {};  // names, else numbers
    Time changed = {};                   // its contents, last
  };
  struct Space {
    Bytes free, total;                       // free: for an unprivileged user
    std::int64_t files_free = 0, files = 0;  // inodes; 0 of 0 where the file system does not count them
    bool read_only = false;
  };
  virtual ~Files() = default;
  virtual Result<std::string> read(std::string path) = 0;  // at most 16 MiB
  // The last bytes of a file of any size: a log's last words.
  virtual Result<std::string> end(std::string path, std::size_t most) {
    auto text = read(std::move(path));
    if (text && text->size() > most) text->erase(0, text->size() - most);
    return text;
  }
  virtual Result<> write(std::string path, std::string text, unsigned mode) = 0;  // atomically: temporary, rename
  virtual Result<> remove(std::string path) = 0;                                  // fine when it is not there
  virtual Result<std::optional<Stat>> stat(std::string path) = 0;                 // nothing when it is not there
  virtual Result<Space> space(std::string path) = 0;
  // SHA-256, hexadecimal; of at most 16 MiB, for it is computed at once.
  virtual Result<std::string> sha256(std::string path) {
    return fail(Code::unavailable, "nobody can sum up " + path + " here");
  }
  virtual Result<std::vector<std::string>> list(std::string path) {  // names in a directory, sorted; at most 100,000
    return fail(Code::unavailable, "nobody can list " + path + " here");
  }
  virtual Result<std::string> link(std::string path) {  // what a symbolic link points to
    return fail(Code::unavailable, "nobody can read the link " + path + " here");
  }
};

}  // namespace davy::ports
