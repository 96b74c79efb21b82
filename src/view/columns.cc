// Text as a terminal takes it: letters of UTF-8, the columns each needs, and what must not reach it as it is.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "view/ink.h"

namespace davy::view {
namespace {

struct Letter {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

// Length by the first byte; overlong forms and surrogates are not valid.
Letter letter_at(std::string_view s, std::size_t at) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[at + i]); };
  auto first = byte(0);
  if (first < 0x80) return {first, 1, true};
  std::size_t n = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (n == 0 || first >= 0xf5 || at + n > s.size()) return {};
  char32_t code = first & (0xff >> (n + 1));
  for (std::size_t i = 1; i < n; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  bool overlong = (n == 3 && code < 0x800) || (n == 4 && code < 0x10000);
  bool no_letter = (code >= 0xd800 && code < 0xe000) || code > 0x10ffff;
  return overlong || no_letter ? Letter{} : Letter{code, n, true};
}

bool within(char32_t c, std::initializer_list<std::pair<char32_t, char32_t>> ranges) {
  return std::ranges::any_of(ranges, [&](auto& r) { return c >= r.first && c <= r.second; });
}

// What reorders the text around it could make a line say something else than it does.
bool reorders(char32_t c) {
  return within(c, {{0x200b, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}});
}

int width_of(char32_t c) {
  if (within(c, {{0x0300, 0x036f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}})) return 0;
  bool wide = within(c, {{0x1100, 0x115f},
                         {0x2e80, 0xa4cf},
                         {0xac00, 0xd7a3},
                         {0xf900, 0xfaff},
                         {0xfe30, 0xfe6f},
                         {0xff00, 0xff60},
                         {0xffe0, 0xffe6},
                         {0x1f300, 0x1f64f},
                         {0x1f680, 0x1f6ff},
                         {0x1f900, 0x1faff},
                         {0x20000, 0x3fffd}});
  return wide ? 2 : 1;
}

std::string_view twin_of(char32_t c) {
  static constexpr std::pair<char32_t, std::string_view> kTwins[] = {
      {U'→', "->"}, {U'…', "..."}, {U'≤', "<="}, {U'≥', ">="}, {U'×', "x"}, {U'–', "-"},
      {U'—', "-"},  {U'’', "'"},   {U'“', "\""}, {U'”', "\""}, {U'·', "."}};
  for (auto& [sign, plain] : kTwins)
    if (sign == c) return plain;
  return "?";
}

// The bytes that fill at most `width` columns.
std::size_t bytes_within(std::string_view s, int width) {
  int used = 0;
  for (std::size_t at = 0; at < s.size();) {
    auto letter = letter_at(s, at);
    used += letter.valid ? width_of(letter.code) : 1;
    if (used > width) return at;
    at += letter.bytes;
  }
  return s.size();
}

}  // namespace

std::string clean(std::string_view raw, bool unicode) {
  std::string spaced(raw);
  std::ranges::replace_if(spaced, [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
  auto text = printable(spaced);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto letter = letter_at(text, at);
    if (!letter.valid)
      out += unicode ? "\xef\xbf\xbd" : "?";
    else if (reorders(letter.code))
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(letter.code));
    else if (letter.code >= 0x80 && !unicode)
      out += twin_of(letter.code);
    else
      out += std::string_view(text).substr(at, letter.bytes);
    at += letter.bytes;
  }
  return out;
}

int columns(std::string_view s) {
  int used = 0;
  for (std::size_t at = 0; at < s.size();) {
    auto letter = letter_at(s, at);
    used += letter.valid ? width_of(letter.code) : 1;
    at += letter.bytes;
  }
  return used;
}

std::string cut(std::string_view s, int width, bool unicode) {
  if (columns(s) <= width) return std::string(s);
  std::string_view more = unicode ? "…" : "...";
  auto room = width - columns(more);
  if (room < 0) return std::string(s.substr(0, bytes_within(s, std::max(width, 0))));
  return std::string(s.substr(0, bytes_within(s, room))) + std::string(more);
}

std::string padded(std::string_view s, int width, bool unicode) {
  auto out = cut(s, width, unicode);
  out.append(static_cast<std::size_t>(std::max(0, width - columns(out))), ' ');
  return out;
}

std::vector<std::string> wrapped(std::string_view s, int width, std::size_t most, bool unicode) {
  std::vector<std::string> out;
  width = std::max(width, 1);
  while (!s.empty() && out.size() < most) {
    if (columns(s) <= width || out.size() + 1 == most) {
      out.push_back(cut(s, width, unicode));
      break;
    }
    auto fits = std::max<std::size_t>(bytes_within(s, width), 1);
    auto space = s.substr(0, fits + 1).rfind(' ');
    auto end = space == s.npos || space == 0 ? fits : space;
    out.emplace_back(s.substr(0, end));
    s.remove_prefix(end);
    s = trimmed(s);
  }
  return out;
}

}  // namespace davy::view
