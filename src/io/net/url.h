// http and https URLs, as far as a client needs them; also http+unix://%2Frun%2Fx.sock/path, HTTP over a unix socket.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace davy::io {

struct Url {
  bool secure = false;
  std::string socket;  // path of a unix socket; then host is "localhost"
  std::string host;    // without brackets
  std::string port;
  std::string target;         // path and query, at least "/"
  std::string authorization;  // "Basic …" of a user:password@, else empty
  std::string host_header() const;
};

// Code::invalid with the URL, its user information left out, and what is wrong.
Result<Url> parse_url(const std::string&);

std::string percent_decoded(std::string_view);
std::string form_value(std::string_view form, std::string_view name);  // application/x-www-form-urlencoded; "": none

}  // namespace davy::io
