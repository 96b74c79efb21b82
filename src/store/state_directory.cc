#include "store/state_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <mutex>

namespace davy::store {
namespace {

std::unexpected<Error> trouble(std::string_view doing, const std::string& path, int number) {
  auto full = number == ENOSPC || number == EDQUOT;
  return fail(full ? Code::no_space : Code::invalid, fmt::format("{} {}: {}", doing, path, std::strerror(number)),
              full ? "free some room on this disk"
                   : "the state needs a directory that this user may write to: choose one with --state DIR");
}

// A new name survives a power failure only when the directory that holds it was synced.
void sync_directory(const std::string& path) {
  int directory = ::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  ::fsync(directory);
  ::close(directory);
}

std::string name_of(unsigned user) {
  std::array<char, 4096> room{};
  passwd entry{}, *found = nullptr;
  ::getpwuid_r(user, &entry, room.data(), room.size(), &found);
  return found ? std::string(found->pw_name) : fmt::format("user {}", user);
}

}  // namespace

Result<> must_be_of(unsigned user, const std::string& path, unsigned owner) {
  if (user == owner) return {};
  return fail(Code::invalid,
              fmt::format("using the state directory {}: it belongs to {}, and this is {}", path, name_of(owner),
                          name_of(user)),
              fmt::format("ask as its owner: `sudo -u {} davy …`; another directory (--state DIR) knows nothing of the "
                          "runs in this one",
                          name_of(owner)));
}

Result<> must_exist(const std::string& file) {
  if (file_at(file)) return {};
  return fail(Code::unavailable, fmt::format("opening {}: {}", file, std::strerror(errno)),
              "it was there when this began: put the state directory back as it was, then `davy resume`");
}

FileId file_at(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return std::nullopt;
  return std::pair<std::uint64_t, std::uint64_t>(found.st_dev, found.st_ino);
}

Result<> make_directory(const std::string& path) {
  auto parent = std::filesystem::path(path).parent_path();
  std::error_code error;
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return trouble("making the directory", parent.string(), error.value());
  if (::mkdir(path.c_str(), 0700) == 0)
    sync_directory(parent.string());
  else if (errno != EEXIST)
    return trouble("making the state directory", path, errno);
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return trouble("using the state directory", path, errno);
  if (auto ours = must_be_of(::geteuid(), path, found.st_uid); !ours) return ours;
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) != 0)
    return trouble("using the state directory", path, errno);
  return {};
}

// SQLite makes its files with the umask's mode, and gives -wal and -shm that of the database: so this makes it first.
// An existing file must not be opened here: closing any descriptor of a file drops all POSIX locks that this process
// holds on it, SQLite's too, and another process would then take the write-ahead log away under our feet. The mutex
// keeps a second store of this process from opening what was made but is not closed yet.
Result<> make_file(const std::string& path) {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) {
    ::close(file);
    sync_directory(std::filesystem::path(path).parent_path().string());
  } else if (errno != EEXIST) {
    return trouble("making", path, errno);
  }
  if (::faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) != 0) return trouble("opening", path, errno);
  return {};
}

}  // namespace davy::store
