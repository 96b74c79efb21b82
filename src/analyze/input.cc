#include "analyze/input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "analyze/unpacking.h"

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
  bool begun = false, ended = false;  // ended: all that is packed here has come out
  std::unique_ptr<Unpacker> unpacker;
  std::string packing;
  std::vector<char> buffer;  // packed bytes; also the first ones of a plain file, that were read to look at them
  std::string_view left;     // of the buffer

  ~Inside() {
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

  // The first bytes tell text from what is packed.
  Result<> begin() {
    constexpr std::size_t kSigns = 6;
    begun = true;
    buffer.resize(1 << 16);
    std::size_t have = 0;
    while (have < kSigns) {
      auto n = raw(buffer.data() + have, buffer.size() - have);
      if (!n) return std::unexpected(n.error());
      if (*n == 0) break;
      have += *n;
    }
    left = {buffer.data(), have};
    auto found = packing_of(left.substr(0, kSigns));
    packing = found.name, unpacker = std::move(found.unpacker);
    if (packing.empty() || unpacker) return {};
    return fail(Code::unavailable, fmt::format("reading {}: it is {}, not text", name, packing), found.hint);
  }

  Result<std::size_t> unpack(char* into, std::size_t room) {
    auto before = room;
    while (room == before) {
      if (left.empty()) {
        auto n = raw(buffer.data(), buffer.size());
        if (!n) return n;
        if (*n == 0 && ended) return 0;
        if (*n == 0) return refuse(name, fmt::format("its {} ends in the middle", packing));
        left = {buffer.data(), *n};
      }
      auto how = unpacker->step(left, into, room);
      if (how == Unpacker::How::damaged) return refuse(name, fmt::format("its {} is damaged", packing));
      ended = how == Unpacker::How::ended;
    }
    return before - room;
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
  if (in.unpacker) return in.unpack(into, room);
  if (in.left.empty()) return in.raw(into, room);
  auto n = std::min(room, in.left.size());
  std::memcpy(into, in.left.data(), n);
  in.left.remove_prefix(n);
  return n;
}

const std::string& Input::name() const { return inside_->name; }
std::uint64_t Input::taken() const { return inside_->taken; }
std::optional<std::uint64_t> Input::size() const { return inside_->size; }

}  // namespace davy::analyze
