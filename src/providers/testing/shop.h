// A real HAProxy on free ports in front of tiny real servers, and users.
#pragma once
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "providers/testing/world.h"

namespace davy::providers::testing {

using Tcp = asio::ip::tcp;

inline unsigned short free_port() {
  asio::io_context io;
  Tcp::acceptor a(io, Tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  return a.local_endpoint().port();
}

// Answers its own address; /health 500 when sick; /slow after 2 s.
class Release {
 public:
  explicit Release(unsigned short port = 0)
      : acceptor_(io_, Tcp::endpoint(asio::ip::make_address("127.0.0.1"), port)),
        address_("127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port())) {
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::jthread([this] { io_.run(); });
  }
  ~Release() { io_.stop(); }
  const std::string& address() const { return address_; }
  std::atomic<bool> sick = false;

 private:
  asio::awaitable<void> accept() {
    for (;;) {
      auto [error, s] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
      if (error) co_return;
      asio::co_spawn(io_, serve(std::move(s)), asio::detached);
    }
  }
  asio::awaitable<void> serve(Tcp::socket s) {
    for (std::string in;;) {
      auto [error, n] =
          co_await asio::async_read_until(s, asio::dynamic_buffer(in), "\r\n\r\n", asio::as_tuple(asio::use_awaitable));
      if (error) co_return;
      bool ill = in.starts_with("GET /health") && sick;
      if (in.starts_with("GET /slow")) {
        asio::steady_timer timer(io_, 2s);
        co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
      }
      in.erase(0, n);
      auto out = std::string(ill ? "HTTP/1.1 500 Ill" : "HTTP/1.1 200 OK") +
                 "\r\nContent-Length: " + std::to_string(address_.size()) + "\r\n\r\n" + address_;
      auto [failed, m] = co_await asio::async_write(s, asio::buffer(out), asio::as_tuple(asio::use_awaitable));
      if (failed) co_return;
    }
  }
  asio::io_context io_;
  Tcp::acceptor acceptor_;
  std::string address_;
  std::jthread thread_;
};

struct Answer {
  int status = 0;
  std::string head, body;
};

inline Answer get(unsigned short port, std::string path = "/", std::string cookie = "") {
  Answer out;
  try {
    asio::io_context io;
    Tcp::socket s(io);
    s.connect(Tcp::endpoint(asio::ip::make_address("127.0.0.1"), port));
    auto text = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                (cookie.empty() ? "" : "Cookie: " + cookie + "\r\n") + "\r\n";
    asio::write(s, asio::buffer(text));
    std::string in;
    boost::system::error_code ignored;
    asio::read(s, asio::dynamic_buffer(in), ignored);
    if (in.size() < 12) return out;
    auto end = in.find("\r\n\r\n");
    out = {std::stoi(in.substr(9, 3)), in.substr(0, end), end == in.npos ? "" : in.substr(end + 4)};
  } catch (const boost::system::system_error&) {
  }
  return out;
}

// The cookie that an answer sets, as it is sent back.
inline std::string cookie_of(const Answer& a) {
  auto at = a.head.find("set-cookie: ");
  return at == a.head.npos ? "" : a.head.substr(at + 12, a.head.find(';', at) - at - 12);
}

class Haproxy {
 public:
  struct With {
    int slots = 4;
    bool cookie = false, maintenance = false, state_file = false, checks = true;
  };
  explicit Haproxy(With with) : with_(with), port_(free_port()) {
    std::ofstream(dir_.path + "/davy.map");
    std::ofstream(dir_.path + "/state");
    std::ofstream(dir_.path + "/ha.cfg") << config();
    start();
  }
  ~Haproxy() { stop(); }

  void start() {
    auto config = dir_.path + "/ha.cfg";
    const char* argv[] = {"haproxy", "-W", "-q", "-f", config.c_str(), nullptr};
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
    if (posix_spawn(&pid_, "/usr/sbin/haproxy", &quiet, nullptr, const_cast<char**>(argv), environ) != 0) pid_ = 0;
    posix_spawn_file_actions_destroy(&quiet);
    for (int i = 0; i < 200 && get(port_).status == 0; ++i) std::this_thread::sleep_for(10ms);
  }
  void stop() {
    if (pid_) ::kill(pid_, SIGTERM), ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  void reload() {
    ::kill(pid_, SIGUSR2);
    std::this_thread::sleep_for(500ms);
  }
  unsigned short port() const { return port_; }
  std::string socket() const { return dir_.path + "/s.sock"; }
  std::string file(const std::string& name) const { return dir_.path + "/" + name; }

 private:
  std::string config() const {
    auto map = file("davy.map"), listen = std::to_string(port_);
    return "global\n  stats socket " + socket() + " level admin expose-fd listeners\n" +
           (with_.state_file ? "  server-state-file " + file("state") + "\n" : "") +
           "defaults\n  mode http\n  timeout connect 1s\n  timeout client 10s\n  timeout server 5s\n  retries 0\n" +
           (with_.state_file ? "  load-server-state-from-file global\n" : "") +
           "frontend f\n  bind 127.0.0.1:" + listen + "\n" +
           (with_.maintenance ? "  http-request return status 503 content-type \"text/html; charset=utf-8\" hdr "
                                "Retry-After \"%[str(shop.retry-after),map(" +
                                    map + ",30)]\" lf-string \"%[str(shop),map(" + map +
                                    "),b64dec]\" if { str(shop),map(" + map + ") -m found }\n"
                              : "") +
           "  default_backend shop\nbackend shop\n  balance roundrobin\n" +
           (with_.cookie ? "  cookie SRV insert indirect nocache dynamic\n  dynamic-cookie-key abc\n" : "") +
           "  option httpchk GET /health\n  default-server weight 1" +
           (with_.checks ? " check inter 100ms fastinter 50ms downinter 50ms fall 2 rise 1\n" : "\n") +
           (with_.slots ? "  server-template davy 1-" + std::to_string(with_.slots) + " 127.0.0.1:1 disabled\n" : "");
  }
  With with_;
  TempDir dir_;
  unsigned short port_;
  pid_t pid_ = 0;
};

// Users who never stop: how many answers of which status, and by whom.
class Users {
 public:
  explicit Users(unsigned short port)
      : thread_([this, port](std::stop_token stop) {
          while (!stop.stop_requested()) {
            auto a = get(port);
            std::lock_guard lock(mutex_);
            ++by_status_[a.status], ++by_server_[a.body];
          }
        }) {}
  std::map<int, int> by_status() {
    std::lock_guard lock(mutex_);
    return by_status_;
  }
  void stop() { thread_.request_stop(), thread_.join(); }

 private:
  std::mutex mutex_;
  std::map<int, int> by_status_;
  std::map<std::string, int> by_server_;
  std::jthread thread_;
};

}  // namespace davy::providers::testing
