#include "server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace storefront {
namespace {

constexpr int kCrashed = 70;
constexpr std::uint64_t kListener = 0, kSignal = 1;
constexpr auto kLastSecond = std::chrono::seconds(1);
constexpr auto kTick = std::chrono::milliseconds(50);  // how closely leaks, crashes and draining are looked at

davy::Error socket_error(const std::string& doing) {
  return {davy::Code::unavailable, fmt::format("{}: {}", doing, std::strerror(errno)), "is the port in use?", {}};
}

}  // namespace

davy::Result<int> listen_on(const Listening& at) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(at.port);
  const auto where = fmt::format("listening on {}:{}", at.host, at.port);
  if (inet_pton(AF_INET, at.host.c_str(), &address.sin_addr) != 1)
    return davy::fail(davy::Code::invalid, where + ": not an IPv4 address");
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(fd, 1024) != 0) {
    auto error = socket_error(where);
    close(fd);
    return std::unexpected(std::move(error));
  }
  return fd;
}

Server::Server(int listener, Shop& shop, Settings settings)
    : listener_(listener), epoll_(epoll_create1(EPOLL_CLOEXEC)), shop_(shop), settings_(std::move(settings)) {
  watch(listener_, kListener, EPOLLIN, EPOLL_CTL_ADD);
}

Server::~Server() {
  for (auto& [id, c] : connections_) close(c.fd);
  if (listener_ >= 0) close(listener_);
  close(epoll_);
}

void Server::watch(int fd, std::uint64_t id, std::uint32_t events, int operation) {
  epoll_event event{.events = events, .data = {.u64 = id}};
  epoll_ctl(epoll_, operation, fd, &event);
}

int Server::run(int stop_signal_fd) {
  watch(stop_signal_fd, kSignal, EPOLLIN | EPOLLONESHOT, EPOLL_CTL_ADD);
  std::array<epoll_event, 256> events;
  while (!drained()) {
    const auto wait = std::max(next_wake() - Clock::now(), Clock::duration::zero());
    const timespec timeout{.tv_sec = wait / std::chrono::seconds(1),
                           .tv_nsec = (wait % std::chrono::seconds(1)).count()};
    const int n = epoll_pwait2(epoll_, events.data(), events.size(), &timeout, nullptr);
    for (int i = 0; i < n; ++i)
      on_event(events[static_cast<std::size_t>(i)].data.u64, events[static_cast<std::size_t>(i)].events);
    answer_what_is_due();
    if (shop_.time_to_crash()) _exit(kCrashed);  // no clean-up: that is the point
  }
  return 0;
}

Server::Clock::time_point Server::next_wake() const {
  const auto tick = Clock::now() + kTick;
  return due_.empty() ? tick : std::min(tick, due_.top().at);
}

void Server::on_event(std::uint64_t id, std::uint32_t events) {
  if (id == kListener) return accept_all();
  if (id == kSignal) return begin_to_drain();
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  auto& c = found->second;
  if ((events & EPOLLOUT) && !flush(id, c)) return;
  if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return;
  if (!read_all(c)) return drop(id);
  serve(id, c);
}

void Server::accept_all() {
  for (;;) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto id = next_id_++;
    connections_[id].fd = fd;
    watch(fd, id, EPOLLIN, EPOLL_CTL_ADD);
  }
}

bool Server::read_all(Connection& c) {
  std::array<char, 16 * 1024> block;
  for (;;) {
    const auto n = recv(c.fd, block.data(), block.size(), 0);
    if (n > 0)
      c.in.append(block.data(), static_cast<std::size_t>(n));
    else
      return n < 0 && (errno == EAGAIN || errno == EINTR);
    if (static_cast<std::size_t>(n) < block.size()) return true;
  }
}

void Server::serve(std::uint64_t id, Connection& c) {
  if (c.busy || c.in.empty() || !c.out.empty()) return;
  c.request = {};
  const auto parsed = take_request(c.in, c.request);
  if (parsed == Parsed::incomplete) return;
  c.busy = true;
  c.asked = Clock::now();
  c.is_user = false;
  if (parsed == Parsed::bad) {
    c.request.keep_alive = false;
    return answer(id, c, {400, "application/json", R"({"error":"that is not a request"})"});
  }
  auto planned = shop_.plan(c.request, in_flight_);
  if (planned.is_user) c.is_user = true, ++in_flight_, last_user_ = c.asked;
  if (planned.never) return;
  if (planned.after.count() == 0) return answer(id, c, planned.response);
  due_.push({c.asked + planned.after, id, std::move(planned.response)});
}

void Server::answer_what_is_due() {
  while (!due_.empty() && due_.top().at <= Clock::now()) {
    const auto next = due_.top();
    due_.pop();
    if (const auto found = connections_.find(next.id); found != connections_.end())
      answer(next.id, found->second, next.response);
  }
}

void Server::answer(std::uint64_t id, Connection& c, const Response& response) {
  if (c.is_user) --in_flight_, last_user_ = Clock::now();
  c.busy = c.is_user = false;
  c.close_after = draining_ || !c.request.keep_alive;
  shop_.answered(c.request, response.status, Clock::now() - c.asked);
  c.out = to_wire(response, {settings_.version, c.close_after, c.request.method == "HEAD"});
  if (flush(id, c)) serve(id, c);
}

// False: the connection is gone.
bool Server::flush(std::uint64_t id, Connection& c) {
  while (!c.out.empty()) {
    const auto n = send(c.fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) {
      watch(c.fd, id, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
      c.wants_write = true;
      return true;
    }
    if (n < 0) return drop(id), false;
    c.out.erase(0, static_cast<std::size_t>(n));
  }
  if (c.wants_write) watch(c.fd, id, EPOLLIN, EPOLL_CTL_MOD), c.wants_write = false;
  if (c.close_after) return drop(id), false;
  return true;
}

void Server::drop(std::uint64_t id) {
  const auto found = connections_.find(id);
  if (found->second.is_user) --in_flight_;
  close(found->second.fd);
  connections_.erase(found);
}

void Server::begin_to_drain() {
  if (draining_) return;
  draining_ = true;
  drain_began_ = last_user_ = Clock::now();
  shop_.drain();
}

// Past its grace it stops to accept, and what is already inside has a last second: hanging requests end here.
bool Server::drained() {
  if (!draining_) return false;
  const auto now = Clock::now();
  const bool quiet = in_flight_ == 0 && now - last_user_ >= settings_.settle;
  const auto late = now - drain_began_ - settings_.grace;
  if (late >= Clock::duration::zero() && listener_ >= 0) refuse_newcomers();
  return quiet || (late >= Clock::duration::zero() && (in_flight_ == 0 || late >= kLastSecond));
}

// Who stands in the queue of the listening socket would be reset by closing it, so they are let in first.
void Server::refuse_newcomers() {
  accept_all();
  close(listener_);
  listener_ = -1;
}

}  // namespace storefront
