#pragma once
#include <map>
#include <optional>
#include <string>

#include "base/time.h"
#include "ports/task.h"

namespace davy::ports {

struct HttpRequest {
  std::string method = "GET", url, body;
  std::map<std::string, std::string> headers;
  Duration timeout = std::chrono::seconds(5);
};
struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // lower-case names; the last of several
  std::string body;                            // at most 4 MiB
  Duration took{};
};
// Code::unavailable: not resolved, refused, reset; Code::timed_out; Code::invalid: not a URL, garbage for an answer.
struct Http {
  virtual ~Http() = default;
  virtual Task<HttpAnswer> send(HttpRequest) = 0;
};

// One question over a stream socket: connect, send `text`, read until the other side closes. HAProxy's runtime API.
// address: a path (unix socket) or host:port.
struct Line {
  virtual ~Line() = default;
  virtual Task<std::string> ask(std::string address, std::string text, Duration timeout = std::chrono::seconds(2)) = 0;
  virtual Task<> connect(std::string address, Duration timeout) = 0;  // tcp probe: answers when it is accepted
};

}  // namespace davy::ports
