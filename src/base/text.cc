#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace davy {
namespace {

// Two letters in the wrong order are one slip, not two: it is the commonest of all (`dsik`).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> two_up, up, row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    two_up = std::exchange(up, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({up[j] + 1, row[j - 1] + 1, up[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], two_up[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

std::string printable(std::string_view text, bool lines) {
  std::string out;
  out.reserve(text.size());
  for (unsigned char c : text) {
    bool kept = (c >= 0x20 && c != 0x7f) || (lines && (c == '\n' || c == '\t'));
    if (kept)
      out += static_cast<char>(c);
    else
      out += fmt::format("\\x{:02x}", c);
  }
  // C1 controls arrive as UTF-8 (c2 80..9f); some terminals obey them too.
  for (std::size_t i = 0; i + 1 < out.size(); ++i)
    if (static_cast<unsigned char>(out[i]) == 0xc2 && static_cast<unsigned char>(out[i + 1]) < 0xa0)
      out.replace(i, 2, fmt::format("\\u{:04x}", static_cast<unsigned char>(out[i + 1])));
  return out;
}

// RFC 3986, 2.3: the unreserved characters.
std::string regex_escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (std::string_view(".[]{}()*+?^$|\\").contains(c)) out += '\\';
    out += c;
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                 c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string html_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  return out;
}

std::string nearest(std::string_view word, std::span<const std::string_view> valid) {
  std::string best;
  std::size_t least = 3;
  for (auto candidate : valid)
    if (auto d = edit_distance(word, candidate); d < least && 2 * d < std::max<std::size_t>(candidate.size(), 2)) {
      least = d;
      best = candidate;
    }
  return best;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (;;) {
    auto end = text.find(at);
    out.push_back(text.substr(0, end));
    if (end == text.npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  auto from = text.find_first_not_of(kSpace);
  if (from == text.npos) return {};
  return text.substr(from, text.find_last_not_of(kSpace) - from + 1);
}

std::string joined(std::span<const std::string> parts, std::string_view between) {
  std::string out;
  for (auto& part : parts) {
    if (&part != parts.data()) out += between;
    out += part;
  }
  return out;
}

}  // namespace davy
