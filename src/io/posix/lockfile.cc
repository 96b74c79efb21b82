#include "io/posix/lockfile.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

namespace davy::io {
namespace {

std::string line_of(int fd) {
  char text[512];
  auto n = ::pread(fd, text, sizeof text, 0);
  return n > 0 ? printable(trimmed({text, static_cast<std::size_t>(n)})) : "";
}

}  // namespace

Result<LockFile> LockFile::take(const std::string& path, std::string_view holder) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return std::unexpected(system_error("opening the lock " + path));
  // Who may write in that folder could have a file of ours overwritten by another name of it.
  struct stat found{};
  bool plain =
      ::fstat(fd.get(), &found) == 0 && S_ISREG(found.st_mode) && found.st_nlink == 1 && found.st_uid == ::geteuid();
  if (!plain) return fail(Code::invalid, path + " is no lock of this user's", "look who made it, and remove it");
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return std::unexpected(system_error("locking " + path));
    return fail(Code::refused, fmt::format("{} is locked by {}", path, line_of(fd.get())));
  }
  auto line = fmt::format("{}\n", holder);
  if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), line.data(), line.size(), 0) < 0)
    return std::unexpected(system_error("writing " + path));
  return LockFile(std::move(fd));
}

Result<std::optional<std::string>> LockFile::holder(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd) return std::unexpected(system_error("opening the lock " + path));
  if (::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) return std::nullopt;
  if (errno != EWOULDBLOCK) return std::unexpected(system_error("asking for the lock " + path));
  return line_of(fd.get());
}

}  // namespace davy::io
