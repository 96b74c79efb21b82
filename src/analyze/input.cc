#include "analyze/input.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace davy::analyze {
namespace {

std::unexpected<Error> refuse(const std::string& name, std::string_view what) {
  return fail(Code::unavailable, "reading " + name + ": " + std::string(what));
}

}  // namespace

struct Input::Inside {
  std::string name;
  int fd = -1;
  std::uint64_t taken = 0;
  std::optional<std::uint64_t> size;
  bool begun = false, packed = false, between = false;  // between: one gzip member has ended, the next has not begun
  z_stream stream{};
  std::vector<unsigned char> compressed;  // also the first two bytes of a plain file, that were read to look at them

  ~Inside() {
    if (packed) ::inflateEnd(&stream);
    if (fd > 0) ::close(fd);
  }

  Result<std::size_t> raw(void* into, std::size_t room) {
    for (;;) {
      auto n = ::read(fd, into, room);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return refuse(name, std::strerror(errno));
      taken += static_cast<std::uint64_t>(n);
      return static_cast<std::size_t>(n);
    }
  }

  // Two bytes tell gzip from text (RFC 1952).
  Result<> begin() {
    begun = true;
    compressed.resize(2);
    std::size_t have = 0;
    while (have < 2) {
      auto n = raw(compressed.data() + have, 2 - have);
      if (!n) return std::unexpected(n.error());
      if (*n == 0) break;
      have += *n;
    }
    compressed.resize(have);
    packed = have == 2 && compressed[0] == 0x1f && compressed[1] == 0x8b;
    if (!packed) return {};
    if (::inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return packed = false, refuse(name, "out of memory for gzip");
    compressed.resize(1 << 16);
    stream.next_in = compressed.data(), stream.avail_in = 2;
    return {};
  }

  Result<std::size_t> unpack(char* into, std::size_t room) {
    stream.next_out = reinterpret_cast<Bytef*>(into), stream.avail_out = static_cast<uInt>(room);
    while (stream.avail_out == room) {
      if (stream.avail_in == 0) {
        auto n = raw(compressed.data(), compressed.size());
        if (!n) return n;
        if (*n == 0 && between) return 0;
        if (*n == 0) return refuse(name, "its gzip ends in the middle");
        stream.next_in = compressed.data(), stream.avail_in = static_cast<uInt>(*n);
      }
      if (std::exchange(between, false)) ::inflateReset(&stream);
      auto status = ::inflate(&stream, Z_NO_FLUSH);
      if (status == Z_STREAM_END)
        between = true;
      else if (status != Z_OK && status != Z_BUF_ERROR)
        return refuse(name, "its gzip is damaged");
    }
    return room - stream.avail_out;
  }
};

Input::Input(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}
Input::Input(Input&&) noexcept = default;
Input& Input::operator=(Input&&) noexcept = default;
Input::~Input() = default;

Result<Input> Input::open(const std::string& path) {
  auto inside = std::make_unique<Inside>();
  inside->name = path == "-" ? "standard input" : path;
  inside->fd = path == "-" ? 0 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (inside->fd < 0) return refuse(path, std::strerror(errno));
  struct stat found{};
  if (::fstat(inside->fd, &found) != 0) return refuse(path, std::strerror(errno));
  if (S_ISDIR(found.st_mode)) return refuse(path, "it is a directory");
  if (S_ISREG(found.st_mode)) inside->size = static_cast<std::uint64_t>(found.st_size);
  ::posix_fadvise(inside->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return Input(std::move(inside));
}

Result<std::size_t> Input::read(char* into, std::size_t room) {
  auto& in = *inside_;
  if (!in.begun)
    if (auto begun = in.begin(); !begun) return std::unexpected(begun.error());
  if (in.packed) return in.unpack(into, room);
  if (in.compressed.empty()) return in.raw(into, room);
  auto n = std::min(room, in.compressed.size());
  std::memcpy(into, in.compressed.data(), n);
  in.compressed.erase(in.compressed.begin(), in.compressed.begin() + static_cast<std::ptrdiff_t>(n));
  return n;
}

const std::string& Input::name() const { return inside_->name; }
std::uint64_t Input::taken() const { return inside_->taken; }
std::optional<std::uint64_t> Input::size() const { return inside_->size; }

}  // namespace davy::analyze
