#include "store/sqlite/reserve.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace davy::store {

Reserve::Reserve(std::string directory, Bytes size) : path_(std::move(directory) + "/reserve"), size_(size) {}

// A sparse file has the size but not the room; blocks are counted in 512 bytes whatever the file system uses.
bool Reserve::whole() const {
  struct stat found{};
  return ::stat(path_.c_str(), &found) == 0 && found.st_size >= size_.value && found.st_blocks * 512 >= size_.value;
}

Result<> Reserve::allocate() {
  int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  int trouble = file < 0 ? errno : ::posix_fallocate(file, 0, size_.value);
  if (file >= 0) ::close(file);
  if (trouble == 0) return {};
  auto full = trouble == ENOSPC || trouble == EDQUOT || trouble == EFBIG;
  return fail(
      full ? Code::no_space : Code::internal,
      fmt::format("keeping {} on the disk for bad times in {}: {}", human(size_), path_, std::strerror(trouble)),
      full ? "free some room: no run starts that a full disk could stop half-way"
           : "see who may write to the state directory, or choose another with --state DIR");
}

Result<> Reserve::ensure() {
  if (whole()) return {};
  auto allocated = allocate();
  if (!allocated) release();  // a part of it would only make the disk fuller
  return allocated;
}

bool Reserve::release() { return ::unlink(path_.c_str()) == 0; }

}  // namespace davy::store
