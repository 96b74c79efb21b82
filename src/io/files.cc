#include "io/files.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "io/posix.h"

namespace davy::io {
namespace {

constexpr std::size_t kMostRead = 16 * 1024 * 1024;

bool is_not_there() { return errno == ENOENT || errno == ENOTDIR; }

}  // namespace

Result<std::string> Files::read(std::string path) { return read_file(path, kMostRead); }

Result<> Files::write(std::string path, std::string text, unsigned mode) {
  return replace_file(path, text, mode, Sync::yes);
}

Result<> Files::remove(std::string path) {
  if (::unlink(path.c_str()) == 0 || is_not_there()) return {};
  return std::unexpected(system_error("removing " + path));
}

Result<std::optional<Files::Stat>> Files::stat(std::string path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) == 0)
    return Stat{Bytes{about.st_size}, static_cast<unsigned>(about.st_mode & 07777), S_ISDIR(about.st_mode)};
  if (is_not_there()) return std::nullopt;
  return std::unexpected(system_error("looking at " + path));
}

Result<Files::Space> Files::space(std::string path) {
  struct statvfs about{};
  if (::statvfs(path.c_str(), &about) != 0) return std::unexpected(system_error("asking for the space at " + path));
  auto bytes = [&](auto blocks) { return Bytes{static_cast<std::int64_t>(blocks * about.f_frsize)}; };
  return Space{bytes(about.f_bavail), bytes(about.f_blocks)};
}

}  // namespace davy::io
