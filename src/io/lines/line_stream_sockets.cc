#include <fmt/format.h>
#include <linux/sock_diag.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "io/lines/line_stream.h"
#include "io/lines/line_stream_text.h"
#include "io/net/address.h"
#include "io/posix/posix.h"

namespace davy::io {
namespace {

constexpr std::size_t kBatch = 64, kLongestDatagram = 8192;

std::unexpected<Error> refuse(Code code, const std::string& where, std::string_view what, std::string hint = {}) {
  return fail(code, "binding the log socket " + where + ": " + std::string(what), std::move(hint));
}

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un out{};
  out.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof out.sun_path)
    return refuse(Code::invalid, path, "the path is too long", "sockets take at most 107 bytes: choose a shorter one");
  std::memcpy(out.sun_path, path.c_str(), path.size() + 1);
  return out;
}

const sockaddr* generic(const sockaddr_un& a) { return reinterpret_cast<const sockaddr*>(&a); }

// A socket file outlives its process. Whether somebody still reads it, only connecting tells.
Result<> clear_the_way(const std::string& path, const sockaddr_un& address) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) return refuse(Code::invalid, path, "there is a file that is no socket");
  Fd probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (::connect(probe.get(), generic(address), sizeof address) == 0)
    return refuse(Code::conflict, path, "another process reads it", "is another Davy running on this service?");
  if (::unlink(path.c_str()) != 0) return refuse(Code::unavailable, path, std::strerror(errno));
  return {};
}

void make_room(const Fd& fd) {
  int room = 8 << 20;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);  // without privileges: as much as is allowed
}

// bind() makes the file with the rights that fchmod() gave the socket, less the umask (022 takes from HAProxy, another
// user, the right to write): the rest of them comes with chmod(), so nobody ever has more than they are to have.
Result<Fd> bound(const UnixSocket& options) {
  auto address = address_of(options.path);
  if (!address) return std::unexpected(address.error());
  if (auto clear = clear_the_way(options.path, *address); !clear) return std::unexpected(clear.error());
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  make_room(fd);
  if (::fchmod(fd.get(), options.mode) != 0 || ::bind(fd.get(), generic(*address), sizeof *address) != 0 ||
      ::chmod(options.path.c_str(), options.mode) != 0)
    return refuse(Code::unavailable, options.path, std::strerror(errno),
                  "does its directory exist, and may Davy write there?");
  return fd;
}

Result<Fd> bound(const UdpSocket& options) {
  auto address = parse_address(options.address);
  if (!address) return std::unexpected(address.error());
  if (address->host.empty() || std::atoi(address->port.c_str()) > 65535)
    return refuse(Code::invalid, options.address, "that is no ADDRESS:PORT");
  addrinfo wanted{}, *found = nullptr;
  wanted.ai_socktype = SOCK_DGRAM;
  wanted.ai_flags = AI_PASSIVE;
  if (int error = ::getaddrinfo(address->host.c_str(), address->port.c_str(), &wanted, &found); error != 0)
    return refuse(Code::invalid, options.address, ::gai_strerror(error));
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  Fd fd(::socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  make_room(fd);
  if (::bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0)
    return refuse(errno == EADDRINUSE ? Code::conflict : Code::unavailable, options.address, std::strerror(errno));
  return fd;
}

ino_t inode_of(const std::string& path) {
  struct stat found{};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

// Datagrams, a line in each.
class SocketLines : public LineStream {
 public:
  SocketLines(Fd socket, std::string name) : socket_(std::move(socket)), name_(std::move(name)), buffers_(kBatch) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts_[i] = {buffers_[i].data(), buffers_[i].size()};
      messages_[i] = {};
      messages_[i].msg_hdr.msg_iov = &parts_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
    dropped_ = dropped();
  }
  int ready() const override { return socket_.get(); }

  bool read(Time, LineSink& sink) override {
    int n = ::recvmmsg(socket_.get(), messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < n; ++i) {
      auto at = static_cast<std::size_t>(i);
      if (messages_[at].msg_hdr.msg_flags & MSG_TRUNC)
        sink.lost();
      else
        sink.line(without_syslog_header({buffers_[at].data(), messages_[at].msg_len}));
    }
    return n == static_cast<int>(kBatch);
  }

  std::string gap(Time) override {
    auto before = std::exchange(dropped_, dropped());
    if (dropped_ == before) return {};
    return fmt::format("the kernel dropped {} lines on the way to {}: its queue was full", dropped_ - before, name_);
  }

 protected:
  void become(Fd socket) {
    socket_ = std::move(socket);
    dropped_ = dropped();
  }

 private:
  // Of this socket since it is there. A unix socket drops none: its writer is told that it is full.
  std::uint32_t dropped() const {
    std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
    socklen_t size = sizeof info;
    return ::getsockopt(socket_.get(), SOL_SOCKET, SO_MEMINFO, info.data(), &size) == 0 ? info[SK_MEMINFO_DROPS] : 0;
  }

  Fd socket_;
  std::string name_;
  std::uint32_t dropped_ = 0;
  std::vector<std::array<char, kLongestDatagram>> buffers_;
  std::array<iovec, kBatch> parts_;
  std::array<mmsghdr, kBatch> messages_;
};

// A name in a folder that others may clear: a socket whose name is gone hears nothing any more, and nobody tells it.
// So each window ends with a look at the name, and one that was lost is bound again.
class UnixLines final : public SocketLines {
 public:
  UnixLines(Fd socket, UnixSocket options)
      : SocketLines(std::move(socket), options.path), options_(std::move(options)), inode_(inode_of(options_.path)) {}
  ~UnixLines() override {
    if (named()) ::unlink(options_.path.c_str());
  }

  std::string gap(Time now) override {
    auto dropped = SocketLines::gap(now);
    if (named()) return named_at_ = now, dropped;
    auto since = named_at_ == Time{} ? now : named_at_;
    auto lost =
        fmt::format("the log socket {} was taken away: lines since {} are missing", options_.path, clock_text(since));
    auto again = bound(options_);
    if (!again) return lost + "; " + again.error().message;
    become(std::move(*again));
    inode_ = inode_of(options_.path), named_at_ = now;
    return lost + "; it is bound again";
  }

 private:
  bool named() const { return inode_ != 0 && inode_of(options_.path) == inode_; }

  UnixSocket options_;
  ino_t inode_;
  Time named_at_{};  // when the name was there last
};

}  // namespace

Result<std::unique_ptr<LineStream>> open_unix_lines(const UnixSocket& options) {
  auto socket = bound(options);
  if (!socket) return std::unexpected(socket.error());
  return std::make_unique<UnixLines>(std::move(*socket), options);
}

Result<std::unique_ptr<LineStream>> open_udp_lines(const UdpSocket& options) {
  auto socket = bound(options);
  if (!socket) return std::unexpected(socket.error());
  return std::make_unique<SocketLines>(std::move(*socket), options.address);
}

}  // namespace davy::io
