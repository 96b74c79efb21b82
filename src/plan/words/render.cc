#include "plan/words/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/yaml/yaml_text.h"

namespace davy::plan {
namespace {

constexpr std::size_t kWidth = 100;  // of the excerpt, in characters
constexpr std::size_t kMostShown = 100;

struct Style {
  std::string_view bold, red, green, off;
};
constexpr Style kPlain{};
constexpr Style kColour{"\x1b[1m", "\x1b[1;31m", "\x1b[1;32m", "\x1b[0m"};

// One character of a line as it will stand on the terminal. A tab is one blank, so that the caret stays below its
// place.
std::vector<std::string> cells(std::string_view line) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < line.size();) {
    auto length = character_length(line.substr(at));
    auto one = line.substr(at, std::max<std::size_t>(length, 1));
    out.push_back(length == 0   ? fmt::format("\\x{:02x}", static_cast<unsigned char>(line[at]))
                  : one == "\t" ? " "
                                : printable(one));
    at += one.size();
  }
  return out;
}

std::size_t width(const std::string& cell) {
  return static_cast<std::size_t>(std::ranges::count_if(cell, [](unsigned char c) { return (c & 0xc0) != 0x80; }));
}

// The line and the caret; a window of kWidth around the caret where the line is longer.
std::string excerpt(std::string_view line, int column, const Style& style) {
  auto all = cells(line);
  auto caret = std::min(static_cast<std::size_t>(std::max(column, 1) - 1), all.size());
  auto from = all.size() > kWidth && caret > kWidth / 2 ? caret - kWidth / 2 : 0;
  auto to = std::min(all.size(), from + kWidth);
  std::string text = from > 0 ? "…" : "", blanks = from > 0 ? " " : "";
  for (auto i = from; i < to; ++i) {
    text += all[i];
    if (i < caret) blanks.append(width(all[i]), ' ');
  }
  if (to < all.size()) text += "…";
  return fmt::format("  {}\n  {}{}^{}\n", text, blanks, style.green, style.off);
}

std::string headline(const spec::Diagnostic& d, std::string_view file, const Style& style) {
  auto line = spec::line_of(d, file);
  constexpr std::string_view kError = ": error: ";
  auto at = line.find(kError);
  return fmt::format("{}{}:{} {}error:{} {}{}{}\n", style.bold, line.substr(0, at), style.off, style.red, style.off,
                     style.bold, line.substr(at + kError.size()), style.off);
}

}  // namespace

std::string render(const spec::Diagnostics& mistakes, std::string_view text, std::string_view file, bool colour) {
  auto& style = colour ? kColour : kPlain;
  auto lines = lines_of(text);
  auto all = mistakes.sorted();
  std::string out;
  for (auto& d : std::span(all).first(std::min(all.size(), kMostShown))) {
    out += headline(d, printable(file), style);
    auto line = static_cast<std::size_t>(std::max(d.at.line, 0));
    if (line > 0 && line <= lines.size() && !trimmed(lines[line - 1]).empty())
      out += excerpt(lines[line - 1], d.at.column, style);
  }
  if (all.size() > kMostShown) out += fmt::format("… and {} more\n", all.size() - kMostShown);
  if (all.size() > 1) out += fmt::format("{} mistakes\n", all.size());
  return out;
}

}  // namespace davy::plan
