// host:port, [::1]:port, or the path of a unix socket.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace davy::io {

struct Address {
  std::string path;  // a unix socket; then no host
  std::string host, port;
};
Result<Address> parse_address(const std::string&);

// An IP address from its 4 or 16 bytes; empty where there are not so many.
std::string ip_text(std::string_view bytes);

}  // namespace davy::io
