#include "ports/http_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::ports {

bool sendable(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

Result<> check_request(const HttpRequest& request) {
  auto token = [](std::string_view s) {
    return !s.empty() && std::ranges::all_of(s, [](char c) { return c > ' ' && c < 127 && c != ':'; });
  };
  if (!token(request.method)) return fail(Code::invalid, fmt::format("'{}' is not an HTTP method", request.method));
  for (const auto& [name, value] : request.headers)
    if (!token(name) || !sendable(value))
      return fail(Code::invalid, fmt::format("the header '{}' cannot be sent", name));
  return {};
}

}  // namespace davy::ports
