#include "io/posix/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <limits.h>
#include <openssl/evp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <span>

#include "io/posix/posix.h"

namespace davy::io {
namespace {

constexpr std::size_t kMostRead = 16 * 1024 * 1024, kMostListed = 100'000;

bool is_not_there() { return errno == ENOENT || errno == ENOTDIR; }

// The number, where nobody is called so here.
std::string name_of_user(uid_t id) {
  char room[4096];
  struct passwd about{}, *found = nullptr;
  ::getpwuid_r(id, &about, room, sizeof room, &found);
  return found ? found->pw_name : std::to_string(id);
}
std::string name_of_group(gid_t id) {
  char room[4096];
  struct group about{}, *found = nullptr;
  ::getgrgid_r(id, &about, room, sizeof room, &found);
  return found ? found->gr_name : std::to_string(id);
}

}  // namespace

Result<std::string> Files::read(std::string path) { return read_file(path, kMostRead); }
Result<std::string> Files::end(std::string path, std::size_t most) { return read_end(path, most); }

// A device, a FIFO or a socket is written to and never replaced: /dev/null would be gone from the whole machine.
// Through a link its target is written.
Result<> Files::write(std::string path, std::string text, unsigned mode) {
  struct stat about{};
  bool there = ::lstat(path.c_str(), &about) == 0;
  if (there && S_ISLNK(about.st_mode)) {
    std::unique_ptr<char, void (*)(void*)> target(::realpath(path.c_str(), nullptr), ::free);
    if (!target) return std::unexpected(system_error("writing " + path + ", a link"));
    return write(target.get(), std::move(text), mode);
  }
  if (!there || S_ISREG(about.st_mode)) return replace_file(path, text, mode, Sync::yes);
  Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK));  // a FIFO that nobody reads must not hold us up
  if (!fd || ::fcntl(fd.get(), F_SETFL, 0) != 0 || !write_all(fd.get(), text))
    return std::unexpected(system_error("writing " + path));
  return {};
}

Result<> Files::remove(std::string path) {
  if (::unlink(path.c_str()) == 0 || is_not_there()) return {};
  return std::unexpected(system_error("removing " + path));
}

Result<std::optional<Files::Stat>> Files::stat(std::string path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) == 0)
    return Stat{
        .size = Bytes{about.st_size},
        .mode = static_cast<unsigned>(about.st_mode & 07777),
        .directory = S_ISDIR(about.st_mode),
        .owner = name_of_user(about.st_uid),
        .group = name_of_group(about.st_gid),
        .changed = Time(std::chrono::seconds(about.st_mtim.tv_sec) + std::chrono::nanoseconds(about.st_mtim.tv_nsec))};
  if (is_not_there()) return std::nullopt;
  return std::unexpected(system_error("looking at " + path));
}

Result<Files::Space> Files::space(std::string path) {
  struct statvfs about{};
  if (::statvfs(path.c_str(), &about) != 0) return std::unexpected(system_error("asking for the space at " + path));
  auto bytes = [&](auto blocks) { return Bytes{static_cast<std::int64_t>(blocks * about.f_frsize)}; };
  return Space{.free = bytes(about.f_bavail),
               .total = bytes(about.f_blocks),
               .files_free = static_cast<std::int64_t>(about.f_favail),
               .files = static_cast<std::int64_t>(about.f_files),
               .read_only = (about.f_flag & ST_RDONLY) != 0};
}

Result<std::string> Files::sha256(std::string path) {
  auto text = read(path);
  if (!text) return text;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (::EVP_Digest(text->data(), text->size(), digest.data(), &size, ::EVP_sha256(), nullptr) != 1)
    return fail(Code::internal, "no SHA-256 of " + path);
  std::string out;
  for (auto byte : std::span(digest).first(size)) out += fmt::format("{:02x}", byte);
  return out;
}

Result<std::vector<std::string>> Files::list(std::string path) {
  std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(path.c_str()), ::closedir);
  if (!open) return std::unexpected(system_error("listing " + path));
  std::vector<std::string> out;
  while (auto entry = ::readdir(open.get())) {
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (out.size() == kMostListed) return fail(Code::invalid, "more than 100,000 files in " + path);
    out.push_back(std::move(name));
  }
  std::ranges::sort(out);
  return out;
}

Result<std::string> Files::link(std::string path) {
  std::string out(PATH_MAX, '\0');
  auto size = ::readlink(path.c_str(), out.data(), out.size());
  if (size < 0) return std::unexpected(system_error("reading the link " + path));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace davy::io
