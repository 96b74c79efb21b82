#include "io/keeper/keeper_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

std::array<char, 2 * kLargestPacket> block;  // one thread, one packet at a time

}  // namespace

Result<SocketPath> socket_path(const std::string& spool, std::string_view name) {
  Fd folder(::open(spool.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return std::unexpected(system_error("opening " + spool));
  auto path = fmt::format("/proc/self/fd/{}/{}", folder.get(), name);
  return SocketPath{std::move(folder), std::move(path)};
}

Result<> KeeperSocket::listen(const std::string& spool) {
  auto where = socket_path(spool, "ctl.new");
  if (!where) return std::unexpected(where.error());
  ::unlink(where->path.c_str());
  listening_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, where->path.c_str(), where->path.size() + 1);
  bool good = listening_ &&
              ::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
              ::chmod(where->path.c_str(), 0600) == 0 && ::listen(listening_.get(), 128) == 0 &&
              ::rename((spool + "/ctl.new").c_str(), (spool + "/ctl").c_str()) == 0;
  if (!good) return std::unexpected(system_error("listening on " + spool + "/ctl"));
  loop_.watch(listening_.get(), POLLIN, [this](short) { accept(); });
  return {};
}

void KeeperSocket::close(const std::string& spool) {
  ::unlink((spool + "/ctl").c_str());
  while (!clients_.empty()) drop(clients_.begin()->first);
  listening_.reset();
}

void KeeperSocket::accept() {
  Fd fd(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd) return;
  auto number = ++last_client_;
  loop_.watch(fd.get(), POLLIN, [this, number](short events) {
    if (events & POLLOUT) send(number);
    if (events & (POLLIN | POLLHUP | POLLERR)) heard(number);
  });
  clients_[number].fd = std::move(fd);
}

void KeeperSocket::heard(std::uint64_t client) {
  while (clients_.contains(client) && receive(client)) continue;
}

// One packet; false when there was none.
bool KeeperSocket::receive(std::uint64_t client) {
  auto& from = clients_.at(client);
  auto n = ::recv(from.fd.get(), block.data(), block.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n <= 0) return drop(client), false;
  auto state = from.assembler.add({block.data(), static_cast<std::size_t>(n)});
  ::explicit_bzero(block.data(), static_cast<std::size_t>(n));
  if (state == Assembler::State::broken) return drop(client), false;
  if (state == Assembler::State::whole) requested(client, from.assembler.take());
  return true;
}

void KeeperSocket::requested(std::uint64_t client, std::string message) {
  auto asked = decode_request(message);
  wipe(message);
  if (!asked) return answer(client, 0, asked.error());
  on_request_({client, asked->number}, std::move(asked->request),
              [this, client, number = asked->number](Reply reply) { answer(client, number, std::move(reply)); });
}

void KeeperSocket::answer(std::uint64_t client, std::uint64_t number, Reply reply) {
  auto to = clients_.find(client);
  if (to == clients_.end()) return;  // it did not wait; what it asked for goes on
  for (auto& packet : to_packets(encode(NumberedReply{number, std::move(reply)})))
    to->second.outbox.push_back(std::move(packet));
  send(client);
}

void KeeperSocket::send(std::uint64_t client) {
  auto to = clients_.find(client);
  if (to == clients_.end()) return;
  auto& [fd, assembler, outbox] = to->second;
  while (!outbox.empty()) {
    if (::send(fd.get(), outbox.front().data(), outbox.front().size(), MSG_NOSIGNAL) < 0) break;
    outbox.pop_front();
  }
  loop_.expect(fd.get(), outbox.empty() ? POLLIN : POLLIN | POLLOUT);  // a lost client shows at its next read
}

void KeeperSocket::drop(std::uint64_t client) {
  loop_.forget(clients_.at(client).fd.get());
  clients_.erase(client);
  on_gone_(client);
}

}  // namespace davy::io
