// <spool>/ctl: accepts clients, hands on their requests, sends the replies. Never blocks on a client that does not
// read.
#pragma once
#include <compare>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include "io/keeper/keeper_protocol.h"
#include "io/posix/poll_loop.h"

namespace davy::io {

// Who asked, and by which number. Neither is ever used again, unlike descriptors.
struct Asker {
  std::uint64_t client = 0, number = 0;
  auto operator<=>(const Asker&) const = default;
};

class KeeperSocket {
 public:
  using Answer = std::function<void(Reply)>;
  using OnRequest = std::function<void(Asker, Request, Answer)>;
  using OnGone = std::function<void(std::uint64_t client)>;

  KeeperSocket(PollLoop& loop, OnRequest on_request, OnGone on_gone)
      : loop_(loop), on_request_(std::move(on_request)), on_gone_(std::move(on_gone)) {}
  Result<> listen(const std::string& spool);  // mode 0600; appears under its name only when it listens
  void close(const std::string& spool);       // after what was answered has been sent, as far as that goes at once
  bool deserted() const { return clients_.empty(); }

 private:
  struct Client {
    Fd fd;
    Assembler assembler;
    std::deque<std::string> outbox;
  };
  void accept();
  void heard(std::uint64_t client);
  bool receive(std::uint64_t client);
  void requested(std::uint64_t client, std::string message);
  void answer(std::uint64_t client, std::uint64_t number, Reply);
  void send(std::uint64_t client);
  void drop(std::uint64_t client);

  PollLoop& loop_;
  OnRequest on_request_;
  OnGone on_gone_;
  Fd listening_;
  std::map<std::uint64_t, Client> clients_;
  std::uint64_t last_client_ = 0;
};

// The address of <spool>/ctl through an open folder: the path of a spool may be longer than a socket address.
struct SocketPath {
  Fd folder;
  std::string path;
};
Result<SocketPath> socket_path(const std::string& spool, std::string_view name);

}  // namespace davy::io
