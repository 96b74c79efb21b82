#pragma once
#include <map>
#include <optional>
#include <string>

#include "base/time.h"
#include "base/units.h"
#include "ports/task.h"

namespace davy::ports {

// `Authorization`, made by src/io from the value of a secret: Bearer, or Basic where there is a user.
struct HttpAuth {
  std::string user;
  SecretRef secret;
};
struct HttpRequest {
  std::string method = "GET", url, body;  // http+unix://%2Frun%2Fx.sock/path goes over a unix socket
  std::map<std::string, std::string> headers;
  Duration timeout = std::chrono::seconds(5);
  std::optional<HttpAuth> auth = {};
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
struct Dialer {
  virtual ~Dialer() = default;
  virtual Task<std::string> ask(std::string address, std::string text, Duration timeout = std::chrono::seconds(2)) = 0;
  virtual Task<> connect(std::string address, Duration timeout) = 0;  // tcp probe: answers when it is accepted
};

}  // namespace davy::ports
