// A storefront inside the test's own process, on a port that the kernel chose, and a client that reads like a person.
#pragma once
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>

#include "server.h"

namespace storefront {

inline std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

class Visitor {
 public:
  explicit Visitor(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~Visitor() { close(fd_); }
  Visitor(const Visitor&) = delete;

  bool connected() const { return connected_; }
  void say(const std::string& text) const { (void)!send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
  void get(const std::string& path) const { say("GET " + path + " HTTP/1.1\r\nHost: shop\r\n\r\n"); }
  // Everything until the other side closes.
  std::string hear() const {
    std::string heard;
    for (char block[4096];;) {
      const auto n = recv(fd_, block, sizeof block, 0);
      if (n <= 0) break;
      heard.append(block, static_cast<std::size_t>(n));
    }
    return heard;
  }

 private:
  int fd_;
  bool connected_ = false;
};

inline std::string ask(std::uint16_t port, const std::string& method_and_path, const std::string& body = "") {
  Visitor visitor(port);
  visitor.say(method_and_path + " HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
  return visitor.hear();
}

class RunningShop {
 public:
  explicit RunningShop(const std::string& behaviour, std::chrono::milliseconds settle = std::chrono::milliseconds(50))
      : listener_(*listen_on({})), port_(port_of(listener_)), stop_(eventfd(0, EFD_CLOEXEC)) {
    shop_ = std::make_unique<Shop>("7", *parse_behaviour(behaviour), 1, *Orders::open(":memory:"));
    server_ = std::make_unique<Server>(listener_, *shop_, Server::Settings{"7", settle, std::chrono::seconds(5)});
    thread_ = std::thread([this] { status_ = server_->run(stop_); });
  }
  ~RunningShop() {
    if (thread_.joinable()) stop(), join();
    close(stop_);
  }
  std::uint16_t port() const { return port_; }
  void stop() const { (void)!eventfd_write(stop_, 1); }
  int join() {
    thread_.join();
    server_.reset();  // closes its sockets
    return status_;
  }

 private:
  int listener_;
  std::uint16_t port_;
  int stop_;
  std::unique_ptr<Shop> shop_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
  int status_ = -1;
};

}  // namespace storefront
