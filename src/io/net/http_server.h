// HTTP without TLS for whoever comes: a proxy stands before it, or it is of this machine alone. Anybody may talk to it,
// so every connection has an end by time, every request one by size, and an answer that cannot be made ends its
// connection alone.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace davy::io {

namespace asio = boost::asio;

struct HttpAsked {
  std::string method, target, origin, body;
  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
};
struct HttpSaid {
  unsigned status = 200;
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
};

struct HttpServing {
  std::string address;                           // 127.0.0.1:9180
  Duration patience = std::chrono::seconds(10);  // until a request must have come, and its answer gone
  std::function<HttpSaid(HttpAsked)> answer;     // others wait for it; bodies of up to 64 KiB come this far
  std::function<void()> refused = [] {};         // somebody was: too large, or more than 256 connections
};

// Answers where its executor runs, until it is destroyed.
class HttpServer {
 public:
  // Code::invalid: no address; unavailable: it cannot be bound, another process has it.
  static Result<std::unique_ptr<HttpServer>> open(asio::any_io_executor, HttpServing);
  ~HttpServer();

 private:
  struct Inside;
  explicit HttpServer(std::shared_ptr<Inside> inside) : inside_(std::move(inside)) {}
  std::shared_ptr<Inside> inside_;
};

}  // namespace davy::io
