#include "io/posix/posix.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace davy::io {
namespace {

Code code_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Code::no_space;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::refused;
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
    case ELOOP:
    case EINVAL:
      return Code::invalid;
    default:
      return Code::unavailable;
  }
}

Duration read_clock(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

}  // namespace

void Fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Error system_error(std::string_view doing, int error) {
  return Error{code_of(error), fmt::format("{}: {}", doing, ::strerror(error))};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    auto n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

namespace {

// error: why the system could not, as errno; 0: it could.
Result<std::string> read_noting(const std::string& path, std::size_t most, int& error) {
  auto failed = [&] {
    error = errno;
    return std::unexpected(system_error("reading " + path, error));
  };
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // O_NONBLOCK: a FIFO must not hold us up
  if (!fd) return failed();
  std::string text;
  char block[16 * 1024];
  for (;;) {
    auto n = ::read(fd.get(), block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed();
    if (n == 0) return text;
    text.append(block, static_cast<std::size_t>(n));
    if (text.size() > most) return fail(Code::invalid, fmt::format("reading {}: larger than {} bytes", path, most));
  }
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t most) {
  int ignored = 0;
  return read_noting(path, most, ignored);
}

Result<std::string> read_end(const std::string& path, std::size_t most) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat about{};
  if (!fd || ::fstat(fd.get(), &about) != 0) return std::unexpected(system_error("reading " + path));
  if (!S_ISREG(about.st_mode)) return fail(Code::invalid, fmt::format("reading {}: that is no file", path));
  auto from = std::max<off_t>(0, about.st_size - static_cast<off_t>(most));
  std::string out(static_cast<std::size_t>(about.st_size - from), '\0');
  auto n = ::pread(fd.get(), out.data(), out.size(), from);
  if (n < 0) return std::unexpected(system_error("reading " + path));
  out.resize(static_cast<std::size_t>(n));
  return out;
}

// A process may end between open and read: ESRCH is "not there" as well.
Result<std::optional<std::string>> read_if_there(const std::string& path, std::size_t most) {
  int error = 0;
  auto text = read_noting(path, most, error);
  if (error == ENOENT || error == ENOTDIR || error == ESRCH) return std::nullopt;
  if (!text) return std::unexpected(std::move(text.error()));
  return std::move(*text);
}

Result<> make_folders(const std::string& path) {
  for (std::size_t at = 0; at != path.npos;) {
    at = path.find('/', at + 1);
    auto folder = path.substr(0, at);
    if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) continue;
    if (struct stat there{}; ::stat(folder.c_str(), &there) == 0 && S_ISDIR(there.st_mode))
      continue;  // read-only above
    return std::unexpected(system_error("making " + folder));
  }
  return {};
}

Result<> replace_file(const std::string& path, std::string_view text, unsigned mode, Sync sync) {
  auto temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  auto give_up = [&](int error) -> Result<> {
    ::unlink(temporary.c_str());
    return std::unexpected(system_error("writing " + path, error));
  };
  Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return std::unexpected(system_error("writing " + path));
  if (!write_all(fd.get(), text) || ::fchmod(fd.get(), mode) != 0) return give_up(errno);
  if (sync == Sync::yes && ::fsync(fd.get()) != 0) return give_up(errno);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up(errno);
  return {};
}

Duration boot_time() { return read_clock(CLOCK_BOOTTIME); }
Time wall_time() { return Time(read_clock(CLOCK_REALTIME)); }
Duration later(Duration at, Duration by) { return by > kForever - at ? kForever : at + by; }

}  // namespace davy::io
