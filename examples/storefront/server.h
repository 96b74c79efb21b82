// One thread, one epoll: the storefront's connections, and its way out.
//
// The way out: from SIGTERM on, /health says 503 and every answer closes its connection, but connections are still
// accepted and answered, because whoever sends the traffic needs a few health checks to notice. The process ends once
// it was quiet (no user's request open, none come in) for `settle`, or when `grace` is over.
#pragma once
#include <chrono>
#include <cstdint>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "http.h"
#include "shop.h"

namespace storefront {

struct Listening {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
};
davy::Result<int> listen_on(const Listening&);

class Server {
 public:
  struct Settings {
    std::string version;
    std::chrono::nanoseconds settle{};
    std::chrono::nanoseconds grace{};
  };
  Server(int listener, Shop& shop, Settings settings);
  ~Server();
  Server(const Server&) = delete;

  int run(int stop_signal_fd);  // until drained: the exit status

 private:
  using Clock = std::chrono::steady_clock;
  struct Connection {
    int fd = -1;
    std::string in, out;
    Request request;
    Clock::time_point asked;
    int status = 0;
    bool busy = false;  // one request at a time: pipelined ones wait in `in`
    bool is_user = false;
    bool close_after = false;
    bool wants_write = false;
  };
  struct Due {
    Clock::time_point at;
    std::uint64_t id;
    Response response;
    bool operator<(const Due& other) const { return at > other.at; }
  };

  void watch(int fd, std::uint64_t id, std::uint32_t events, int operation);
  void accept_all();
  void on_event(std::uint64_t id, std::uint32_t events);
  bool read_all(Connection& c);  // false: the other side is gone
  void serve(std::uint64_t id, Connection& c);
  void answer(std::uint64_t id, Connection& c, const Response& response);
  bool flush(std::uint64_t id, Connection& c);
  void drop(std::uint64_t id);
  void answer_what_is_due();
  Clock::time_point next_wake() const;
  void begin_to_drain();
  bool drained();
  void refuse_newcomers();

  int listener_;
  int epoll_;
  Shop& shop_;
  Settings settings_;
  std::uint64_t next_id_ = 2;  // 0 is the listener, 1 the signal
  std::unordered_map<std::uint64_t, Connection> connections_;
  std::priority_queue<Due> due_;
  std::size_t in_flight_ = 0;
  bool draining_ = false;
  Clock::time_point drain_began_{}, last_user_{};
};

}  // namespace storefront
