#include "io/units/gift_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::io {
namespace {

constexpr std::string_view kNote = "Note=";

bool is_name(std::string_view name) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::ranges::all_of(name, fits);
}

// How many bytes follow one that begins a character; below zero: it begins none.
int following(unsigned char c) {
  return c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xf0 && c < 0xf5 ? 3 : -1;
}

// No form that is longer than it need be, no surrogate, nothing beyond U+10FFFF.
bool second_fits(unsigned char first, unsigned char second) {
  if (first == 0xe0) return second >= 0xa0;
  if (first == 0xed) return second < 0xa0;
  if (first == 0xf0) return second >= 0x90;
  return first != 0xf4 || second < 0x90;
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto first = static_cast<unsigned char>(text[i]);
    auto more = following(first);
    if (more < 0 || i + static_cast<std::size_t>(more) >= text.size() || first == 0) return false;
    if (more > 0 && !second_fits(first, static_cast<unsigned char>(text[i + 1]))) return false;
    for (; more > 0; --more)
      if ((static_cast<unsigned char>(text[++i]) & 0xc0) != 0x80) return false;
  }
  return true;
}

}  // namespace

// Sections that begin with X- are everybody's own. A % would begin one of systemd's own words.
std::string drop_in_text(std::string_view note, std::string_view environment, std::string_view directory) {
  auto plain = [](std::string_view path) {
    std::string out;
    for (char c : path) out += c == '%' ? "%%" : std::string(1, c);
    return out;
  };
  auto starts_in = directory.empty() ? "" : "WorkingDirectory=" + plain(directory) + "\n";
  return fmt::format("# Written by Davy, which removes it again.\n[Service]\nEnvironmentFile={}\n{}\n[X-Davy]\n{}{}\n",
                     plain(environment), starts_in, kNote, printable(note));
}

std::optional<std::string> note_in(std::string_view drop_in) {
  auto section = drop_in.find("\n[X-Davy]\n");
  if (section == drop_in.npos) return {};
  for (auto line : split(drop_in.substr(section), '\n'))
    if (line.starts_with(kNote)) return std::string(line.substr(kNote.size()));
  return {};
}

// In double quotes all stands for itself but these four.
Result<std::string> environment_line(std::string_view name, std::string_view value) {
  if (!is_name(name))
    return fail(Code::invalid, fmt::format("`{}` is no name of a variable that systemd gives a unit", printable(name)),
                "letters, digits and _");
  if (!is_utf8(value))
    return fail(Code::invalid,
                fmt::format("the variable {} is no text in UTF-8, and systemd gives a unit no other", name),
                "its base64, say");
  std::string out = std::string(name) + "=\"";
  out.reserve(out.size() + 2 * value.size() + 2);
  for (char c : value) {
    if (c == '"' || c == '\\' || c == '`' || c == '$') out += '\\';
    out += c;
  }
  return out += "\"\n";
}

}  // namespace davy::io
