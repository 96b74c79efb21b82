// What the HTTP client costs, and what a server that never ends its answer costs it.
//
//   http_bench [requests]
//
// GETs per second against a little server on loopback in another thread: a connection each, kept connections, one and
// 64 at once. Then answers without end: how long until they are refused, what the server could send, what memory the
// client grew to.
#include <fmt/format.h>

#include <boost/asio.hpp>
#include <chrono>
#include <fstream>
#include <thread>

#include "io/net/http.h"

namespace {

using namespace davy;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using tcp = asio::ip::tcp;

class Server {
 public:
  Server() : acceptor_(context_, {asio::ip::make_address("127.0.0.1"), 0}) {
    asio::co_spawn(context_, accept(), asio::detached);
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Server() { context_.stop(), thread_.join(); }
  std::string url(const std::string& path) const {
    return fmt::format("http://127.0.0.1:{}{}", acceptor_.local_endpoint().port(), path);
  }
  std::atomic<std::int64_t> sent = 0;

 private:
  static constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

  asio::awaitable<void> accept() {
    for (;;) {
      auto [error, socket] = co_await acceptor_.async_accept(kAsTuple);
      if (error) co_return;
      asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
    }
  }
  asio::awaitable<void> serve(tcp::socket socket) {
    std::string in;
    for (;;) {
      auto [error, size] = co_await asio::async_read_until(socket, asio::dynamic_buffer(in), "\r\n\r\n", kAsTuple);
      if (error) co_return;
      auto head = in.substr(0, size);
      in.erase(0, size);
      if (!head.starts_with("GET /ok ")) co_return co_await flood(std::move(socket), head);
      std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 120\r\n\r\n" + std::string(120, 'x');
      auto [unsent, n] = co_await asio::async_write(socket, asio::buffer(answer), kAsTuple);
      if (unsent || head.contains("onnection: close")) co_return;
    }
  }
  asio::awaitable<void> flood(tcp::socket socket, std::string head) {
    std::string begin = "HTTP/1.1 200 OK\r\n", block;
    if (head.contains("/extension")) begin += "Transfer-Encoding: chunked\r\n\r\n1;", block = std::string(65536, 'x');
    if (head.contains("/trailer")) begin += "Transfer-Encoding: chunked\r\n\r\n0\r\n";
    if (head.contains("/line")) begin += "X: ", block = std::string(65536, 'x');
    if (head.contains("/body")) begin += "\r\n", block = std::string(65536, 'x');
    if (head.contains("/1xx")) begin.clear();
    while (block.size() < 65000)
      block += head.contains("/1xx") ? "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n" : "A: b\r\n";
    for (auto* text = &begin;; text = &block) {
      auto [error, n] = co_await asio::async_write(socket, asio::buffer(*text), kAsTuple);
      sent += static_cast<std::int64_t>(n);
      if (error) co_return;
    }
  }
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

double since(std::chrono::steady_clock::time_point t) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - t).count();
}

void throughput(io::Http& http, const Server& server, int requests, int at_once, bool keep) {
  asio::io_context context;
  int left = requests, failed = 0;
  auto began = std::chrono::steady_clock::now();
  auto ask = [&]() -> asio::awaitable<void> {
    while (left-- > 0) {
      auto answer = co_await http.send({.url = server.url("/ok"), .timeout = 10s, .keep = keep});
      failed += !answer || answer->status != 200 || answer->body.size() != 120;
    }
  };
  for (int i = 0; i < at_once; ++i) asio::co_spawn(context, ask(), asio::detached);
  context.run();
  fmt::print("{} at once, {}: {:.0f} GETs/s, {} failed\n", at_once, keep ? "connections kept" : "a connection each",
             requests / since(began), failed);
}

// VmHWM after it was set back; 0 where that cannot be done.
double peak_mebibytes(bool reset) {
  if (reset) std::ofstream("/proc/self/clear_refs") << 5;
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmHWM:")) return std::atof(line.c_str() + 6) / 1024;
  return 0;
}

void endless(io::Http& http, Server& server, const std::string& what) {
  asio::io_context context;
  server.sent = 0;
  auto before = peak_mebibytes(true);
  auto began = std::chrono::steady_clock::now();
  asio::co_spawn(
      context,
      [&]() -> asio::awaitable<void> {
        auto answer = co_await http.send({.url = server.url("/" + what), .timeout = 5s});
        fmt::print("endless {}: {}, {:.2f} s", what, answer ? "taken" : name(answer.error().code), since(began));
      },
      asio::detached);
  context.run();
  fmt::print(", {:.1f} MiB sent, memory {:.0f} -> {:.0f} MiB\n", server.sent / 1048576., before, peak_mebibytes(false));
}

}  // namespace

int main(int count, char** arguments) {
  int requests = count > 1 ? std::atoi(arguments[1]) : 5000;
  io::Http http;
  Server server;
  for (bool keep : {false, true})
    for (int at_once : {1, 64}) throughput(http, server, requests, at_once, keep);
  for (auto* what : {"body", "line", "headers", "1xx", "trailer", "extension"}) endless(http, server, what);
}
