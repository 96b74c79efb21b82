// The few POSIX calls that all of src/io shares, with errors as values.
#pragma once
#include <sys/types.h>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/time.h"

namespace davy::io {

// Owns one descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Fd() { reset(); }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// errno as an Error: "writing /x: No space left on device". no_space: full or over quota; refused: no permission;
// invalid: there is no such path, or it is of the wrong kind; unavailable: all else.
Error system_error(std::string_view doing, int error = errno);

// The calls below retry on EINTR.
bool write_all(int fd, std::string_view text);
Result<std::string> read_file(const std::string& path, std::size_t most);
// The last bytes of a regular file, however large it is; never through a link, as others write where logs lie.
Result<std::string> read_end(const std::string& path, std::size_t most);
// Nothing where there is no such file; that it could not be looked at is an Error.
Result<std::optional<std::string>> read_if_there(const std::string& path, std::size_t most);

// The folder, and those above it that are missing: for us alone (0700). One that is there keeps its mode.
Result<> make_folders(const std::string& path);

enum class Sync { no, yes };
// Replaces the file in one step (temporary file in the same folder, rename): readers see the old text or the new.
// Sync::yes makes the text durable before the rename; Sync::no survives a killed process, not a power cut.
Result<> replace_file(const std::string& path, std::string_view text, unsigned mode, Sync sync);

// CLOCK_BOOTTIME: rises also while the machine sleeps; comparable between processes of one boot.
Duration boot_time();
Time wall_time();
Duration later(Duration at, Duration by);  // at + by, or kForever instead of an overflow

}  // namespace davy::io
