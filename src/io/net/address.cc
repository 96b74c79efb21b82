#include "io/net/address.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::io {

Result<Address> parse_address(const std::string& text) {
  if (text.contains('/')) return Address{text, {}, {}};
  auto colon = text.rfind(':');
  auto host = text.substr(0, colon), port = colon == std::string::npos ? "" : text.substr(colon + 1);
  bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  bool number =
      !port.empty() && port.size() <= 5 && std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  if (!host.empty() && number && (bracketed || !host.contains(':'))) return Address{{}, host, port};
  return fail(Code::invalid, fmt::format("'{}' is not an address", text), "host:port, [IPv6]:port, or a path with a /");
}

}  // namespace davy::io
