#include "http.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"

namespace storefront {
namespace {

constexpr std::size_t kMaxHead = 16 * 1024;
constexpr std::size_t kMaxBody = 64 * 1024;

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

struct Head {
  std::size_t body_size = 0;
  bool good = true;
};

bool read_request_line(std::string_view line, Request& request) {
  const auto first = line.find(' ');
  const auto second = first == line.npos ? line.npos : line.find(' ', first + 1);
  if (second == line.npos || line[first + 1] != '/') return false;
  const auto target = line.substr(first + 1, second - first - 1);
  request.method = line.substr(0, first);
  request.path = target.substr(0, target.find('?'));
  request.keep_alive = line.substr(second + 1) == "HTTP/1.1";
  return line.substr(second + 1).starts_with("HTTP/1.");
}

void read_header(std::string_view line, Request& request, Head& head) {
  const auto colon = line.find(':');
  if (colon == line.npos) return;
  const auto name = line.substr(0, colon);
  const auto value = davy::trimmed(line.substr(colon + 1));
  if (same_word(name, "connection")) {
    if (same_word(value, "close")) request.keep_alive = false;
    if (same_word(value, "keep-alive")) request.keep_alive = true;
  } else if (same_word(name, "content-length")) {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), head.body_size);
    head.good = error == std::errc{} && end == value.data() + value.size() && head.body_size <= kMaxBody;
  } else if (same_word(name, "transfer-encoding")) {
    head.good = false;  // nobody who orders a lamp needs chunks
  }
}

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 503:
      return "Service Unavailable";
    default:
      return "Internal Server Error";
  }
}

}  // namespace

Parsed take_request(std::string& buffer, Request& request) {
  const auto end = buffer.find("\r\n\r\n");
  if (end == std::string::npos) return buffer.size() > kMaxHead ? Parsed::bad : Parsed::incomplete;
  std::string_view rest = std::string_view(buffer).substr(0, end);
  Head head;
  for (bool first = true; !rest.empty() && head.good; first = false) {
    const auto line_end = rest.find("\r\n");
    const auto line = rest.substr(0, line_end);
    if (!first)
      read_header(line, request, head);
    else if (!read_request_line(line, request))
      return Parsed::bad;
    rest = line_end == rest.npos ? std::string_view{} : rest.substr(line_end + 2);
  }
  if (!head.good || request.method.empty()) return Parsed::bad;
  if (buffer.size() < end + 4 + head.body_size) return Parsed::incomplete;
  request.body = buffer.substr(end + 4, head.body_size);
  buffer.erase(0, end + 4 + head.body_size);
  return Parsed::complete;
}

std::string to_wire(const Response& response, const Envelope& envelope) {
  return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nX-Version: {}\r\n{}\r\n{}",
                     response.status, reason(response.status), response.type, response.body.size(), envelope.version,
                     envelope.close ? "Connection: close\r\n" : "",
                     envelope.head_only ? std::string_view{} : std::string_view(response.body));
}

}  // namespace storefront
