// host:port, [::1]:port, or the path of a unix socket.
#pragma once
#include <string>

#include "base/error.h"

namespace davy::io {

struct Address {
  std::string path;  // a unix socket; then no host
  std::string host, port;
};
Result<Address> parse_address(const std::string&);

}  // namespace davy::io
