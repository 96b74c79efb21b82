#include "io/log_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>

namespace davy::io {
namespace {

namespace asio = boost::asio;
using signals::RawWindow;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<Error> refuse(Code code, const std::string& path, std::string_view what, std::string hint = {}) {
  return fail(code, "binding the log socket " + path + ": " + std::string(what), std::move(hint));
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
  Descriptor probe(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (::connect(probe.get(), generic(address), sizeof address) == 0)
    return refuse(Code::conflict, path, "another process reads it", "is another Davy running on this service?");
  if (::unlink(path.c_str()) != 0) return refuse(Code::unavailable, path, std::strerror(errno));
  return {};
}

// fchmod before bind: the file is never there with other rights, and the process's umask stays as it is.
Result<Descriptor> bound(const LogReaderOptions& options) {
  auto address = address_of(options.path);
  if (!address) return std::unexpected(address.error());
  if (auto clear = clear_the_way(options.path, *address); !clear) return std::unexpected(clear.error());
  Descriptor fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  int room = 8 << 20;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);  // without privileges: as much as is allowed
  if (::fchmod(fd.get(), options.mode) != 0 || ::bind(fd.get(), generic(*address), sizeof *address) != 0)
    return refuse(Code::unavailable, options.path, std::strerror(errno),
                  "does its directory exist, and may Davy write there?");
  return fd;
}

ino_t inode_of(const std::string& path) {
  struct stat found{};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

}  // namespace

// All that the two threads share.
struct LogReader::Shared {
  explicit Shared(const asio::any_io_executor& core) : wake(core, asio::steady_timer::time_point::max()) {}

  std::mutex mutex;
  std::deque<RawWindow> ready;  // under the mutex
  bool closed = false;          // under the mutex
  std::atomic<bool> doubted{false};
  asio::steady_timer wake;  // the core's; cancelled to wake the waiter

  void hand_over(RawWindow w) {
    constexpr std::size_t kMost = 600;
    std::lock_guard lock(mutex);
    if (ready.size() < kMost) return ready.push_back(std::move(w));
    auto& last = ready.back();
    last.by_server.merge(w.by_server);
    last.lines += w.lines, last.broken += w.broken, last.unreached += w.unreached;
    last.excluded += w.excluded, last.redispatched += w.redispatched;
  }
};

// The thread, and what it owns.
class LogReader::Reading {
 public:
  Reading(LogReaderOptions options, Descriptor socket, asio::any_io_executor core, std::shared_ptr<Shared> shared)
      : options_(std::move(options)),
        socket_(std::move(socket)),
        stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        inode_(inode_of(options_.path)),
        core_(std::move(core)),
        shared_(std::move(shared)),
        lines_(options_.lines),
        buffers_(kBatch) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      parts_[i] = {buffers_[i].data(), buffers_[i].size()};
      messages_[i] = {};
      messages_[i].msg_hdr.msg_iov = &parts_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
    }
    thread_ = std::thread([this] { run(); });
  }
  ~Reading() {
    std::uint64_t one = 1;
    [[maybe_unused]] auto written = ::write(stop_.get(), &one, sizeof one);
    thread_.join();
    if (inode_ != 0 && inode_of(options_.path) == inode_) ::unlink(options_.path.c_str());
  }

 private:
  static constexpr std::size_t kBatch = 64;

  void run() {
    from_ = options_.now();
    due_ = from_ + options_.window;
    while (wait()) {
      while (drain() && options_.now() < due_) {
      }
      if (options_.now() >= due_) hand_over();
    }
  }

  // False: asked to stop.
  bool wait() {
    pollfd both[2] = {{socket_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    auto left = std::chrono::ceil<std::chrono::milliseconds>(due_ - options_.now()).count();
    ::poll(both, 2, static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000)));
    return (both[1].revents & POLLIN) == 0;
  }

  bool drain() {
    int n = ::recvmmsg(socket_.get(), messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < n; ++i) {
      auto at = static_cast<std::size_t>(i);
      if (messages_[at].msg_hdr.msg_flags & MSG_TRUNC)
        lines_.lost();
      else
        lines_.line({buffers_[at].data(), messages_[at].msg_len});
    }
    return n == static_cast<int>(kBatch);
  }

  void hand_over() {
    auto now = options_.now();
    shared_->hand_over(lines_.finish(from_, now, !shared_->doubted.exchange(false)));
    asio::post(core_, [shared = shared_] { shared->wake.cancel(); });
    from_ = now;
    while (due_ <= now) due_ += options_.window;
  }

  LogReaderOptions options_;
  Descriptor socket_, stop_;
  ino_t inode_;
  asio::any_io_executor core_;
  std::shared_ptr<Shared> shared_;
  signals::Accumulator lines_;
  Time from_, due_;
  std::vector<std::array<char, 8192>> buffers_;
  std::array<iovec, kBatch> parts_;
  std::array<mmsghdr, kBatch> messages_;
  std::thread thread_;
};

Result<std::unique_ptr<LogReader>> LogReader::open(asio::any_io_executor core, LogReaderOptions options) {
  DAVY_CHECK(options.now && options.window > Duration{});
  auto socket = bound(options);
  if (!socket) return std::unexpected(socket.error());
  auto shared = std::make_shared<Shared>(core);
  auto reading = std::make_unique<Reading>(std::move(options), std::move(*socket), core, shared);
  return std::unique_ptr<LogReader>(new LogReader(std::move(shared), std::move(reading)));
}

LogReader::LogReader(std::shared_ptr<Shared> shared, std::unique_ptr<Reading> reading)
    : shared_(std::move(shared)), reading_(std::move(reading)) {}

LogReader::~LogReader() { close(); }

void LogReader::doubt() { shared_->doubted = true; }

void LogReader::close() {
  reading_.reset();
  {
    std::lock_guard lock(shared_->mutex);
    shared_->closed = true;
  }
  shared_->wake.cancel();
}

ports::Task<RawWindow> LogReader::next() {
  auto shared = shared_;  // the reader may be gone when this wakes
  bool threw = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  Result<RawWindow> out = fail(Code::cancelled, "reading the traffic log: it was closed");
  for (;;) {
    if (auto state = co_await asio::this_coro::cancellation_state; state.cancelled() != asio::cancellation_type::none)
      break;
    {
      std::lock_guard lock(shared->mutex);
      if (!shared->ready.empty()) {
        out = std::move(shared->ready.front());
        shared->ready.pop_front();
        break;
      }
      if (shared->closed) break;
    }
    co_await shared->wake.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_await asio::this_coro::throw_if_cancelled(threw);
  co_return out;
}

}  // namespace davy::io
