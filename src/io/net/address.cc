#include "io/net/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>

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

std::string ip_text(std::string_view bytes) {
  namespace ip = boost::asio::ip;
  if (bytes.size() == 4) {
    ip::address_v4::bytes_type four;
    std::ranges::copy(bytes, four.begin());
    return ip::address_v4(four).to_string();
  }
  if (bytes.size() != 16) return {};
  ip::address_v6::bytes_type sixteen;
  std::ranges::copy(bytes, sixteen.begin());
  return ip::address_v6(sixteen).to_string();
}

}  // namespace davy::io
