#include "ports/secret_text.h"

#include <algorithm>

namespace davy::ports {

std::optional<SecretRef> secret_in(std::string_view text) {
  if (text.size() < 2 || text[0] != '$' || (text[1] >= '0' && text[1] <= '9')) return {};
  auto name = text.substr(1);
  bool fits = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return fits ? std::optional(SecretRef{std::string(name)}) : std::nullopt;
}

}  // namespace davy::ports
