#include "io/net/ask_blocking.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "io/net/address.h"
#include "io/posix/posix.h"

namespace davy::io {
namespace {

// Waits for the socket until the deadline; false when it passed.
bool ready(int fd, short events, Duration deadline) {
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - boot_time()).count();
    pollfd entry{fd, events, 0};
    int n = left > 0 ? ::poll(&entry, 1, static_cast<int>(left)) : 0;
    if (n != -1 || errno != EINTR) return n > 0;
  }
}

Result<Fd> connect_to(int family, const sockaddr* address, socklen_t size, Duration deadline, const std::string& name) {
  Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  auto failed = [&](int error) { return std::unexpected(system_error("connecting to " + name, error)); };
  if (!fd) return failed(errno);
  if (::connect(fd.get(), address, size) == 0) return fd;
  if (errno != EINPROGRESS) return failed(errno);
  if (!ready(fd.get(), POLLOUT, deadline)) return failed(ETIMEDOUT);
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return failed(error);
  return fd;
}

Result<Fd> connect_unix(const std::string& path, Duration deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail(Code::invalid, "the path of a socket is too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address, deadline, path);
}

Result<Fd> connect_tcp(const Address& to, Duration deadline) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (int error = ::getaddrinfo(to.host.c_str(), to.port.c_str(), &hints, &list); error != 0)
    return fail(Code::unavailable, fmt::format("looking up {}: {}", to.host, ::gai_strerror(error)));
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(list, ::freeaddrinfo);
  Result<Fd> last = fail(Code::unavailable, to.host + " has no address");
  for (auto* at = list; at && !last; at = at->ai_next)
    last = connect_to(at->ai_family, at->ai_addr, at->ai_addrlen, deadline, to.host + ":" + to.port);
  return last;
}

Result<std::string> read_answer(int fd, Duration deadline, const std::string& address) {
  std::string answer;
  char block[4096];
  while (answer.size() <= kLongestSaying) {
    if (!ready(fd, POLLIN, deadline)) return fail(Code::timed_out, address + " did not answer in time");
    auto n = ::read(fd, block, sizeof block);
    if (n == 0) return answer;
    if (n < 0 && errno != EINTR && errno != EAGAIN) return std::unexpected(system_error("reading from " + address));
    if (n > 0) answer.append(block, static_cast<std::size_t>(n));
  }
  return fail(Code::invalid, fmt::format("{} answered more than {} KiB", address, kLongestSaying / 1024));
}

bool send_all(int fd, std::string_view text, Duration deadline) {
  while (!text.empty() && ready(fd, POLLOUT, deadline)) {
    auto n = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EINTR && errno != EAGAIN) return false;
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
  }
  return text.empty();
}

}  // namespace

std::expected<std::string, NotAnswered> ask_blocking(const std::string& address, std::string text, Duration timeout,
                                                     const std::function<void()>& before_sending) {
  auto deadline = later(boot_time(), timeout);
  auto not_sent = [](Error error) { return std::unexpected(NotAnswered{std::move(error)}); };
  auto to = parse_address(address);
  if (!to) return not_sent(to.error());
  auto fd = to->path.empty() ? connect_tcp(*to, deadline) : connect_unix(to->path, deadline);
  if (!fd) return not_sent(fd.error());
  if (!text.ends_with('\n')) text += '\n';
  before_sending();
  if (!send_all(fd->get(), text, deadline))
    return std::unexpected(NotAnswered{{Code::unavailable, address + " did not take what was said to it"}, true});
  auto answer = read_answer(fd->get(), deadline, address);
  if (!answer) return std::unexpected(NotAnswered{answer.error(), true});
  return *answer;
}

}  // namespace davy::io
