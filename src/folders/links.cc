#include "folders/links.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "io/posix/posix.h"

namespace davy::folders {
namespace {

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::unexpected<Error> no_link(const std::string& path) {
  return fail(Code::refused, path + " is there and is no link: somebody else made it",
              "have a look, and move it elsewhere");
}

}  // namespace

Result<std::optional<std::string>> where(const std::string& link) {
  std::string out(PATH_MAX, '\0');
  auto size = ::readlink(link.c_str(), out.data(), out.size());
  if (size < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  if (size < 0 && errno == EINVAL) return no_link(link);
  if (size < 0) return std::unexpected(io::system_error("reading the link " + link));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

Result<> sync_folder(const std::string& folder) {
  io::Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return std::unexpected(io::system_error("syncing " + folder));
  return {};
}

Result<> point(const std::string& link, const std::string& target) {
  auto before = where(link);
  if (!before) return std::unexpected(before.error());
  if (*before == target) return sync_folder(folder_of(link));  // by one that was killed before it could sync
  auto beside = link + ".new";
  if (auto gone = unpoint(beside); !gone) return gone;
  if (::symlink(target.c_str(), beside.c_str()) != 0 || ::rename(beside.c_str(), link.c_str()) != 0)
    return std::unexpected(io::system_error("pointing " + link + " to " + target));
  return sync_folder(folder_of(link));
}

Result<> unpoint(const std::string& link) {
  auto before = where(link);
  if (!before) return std::unexpected(before.error());
  if (!*before) return {};
  if (::unlink(link.c_str()) != 0 && errno != ENOENT) return std::unexpected(io::system_error("removing " + link));
  return sync_folder(folder_of(link));
}

}  // namespace davy::folders
