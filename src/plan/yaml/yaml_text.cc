#include "plan/yaml/yaml_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "plan/yaml/yaml.h"

namespace davy::plan {
namespace {

bool continues(unsigned char c) { return (c & 0xc0) == 0x80; }

// The first thing in a line that no plan may hold.
void check_characters(std::string_view line, int number, spec::Diagnostics& d) {
  for (std::size_t at = 0; at < line.size();) {
    auto length = character_length(line.substr(at));
    auto c = static_cast<unsigned char>(line[at]);
    spec::Mark mark{number, static_cast<int>(at) + 1};
    if (length == 0) return d.add(mark, fmt::format("the byte \\x{:02x}, which is not UTF-8", c), "a file in UTF-8");
    if ((c < 0x20 && c != '\t') || c == 0x7f)
      return d.add(mark, fmt::format("the control character \\x{:02x}", c),
                   "text; in double quotes it can be written as an escape");
    at += length;
  }
}

std::size_t indent(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

// `run: |` and the like: the deeper lines that follow are text, where a tab is a tab.
bool opens_block_text(std::string_view line) {
  auto s = trimmed(line);
  while (!s.empty() && std::string_view("+-0123456789").contains(s.back())) s.remove_suffix(1);
  return (s.ends_with(" |") || s.ends_with(" >") || s == "|" || s == ">") && !s.starts_with("#");
}

class TabFinder {
 public:
  explicit TabFinder(spec::Diagnostics& d) : d_(d) {}
  void see(std::string_view line, int number) {
    auto deep = indent(line);
    bool blank = trimmed(line).empty();
    if (blank || (in_text_ && deep > text_indent_)) return;
    in_text_ = opens_block_text(line);
    text_indent_ = deep;
    if (line[deep] != '\t') return;
    d_.add({number, static_cast<int>(deep) + 1}, "a tab in the indentation", "spaces: YAML does not count tabs");
  }

 private:
  spec::Diagnostics& d_;
  bool in_text_ = false;
  std::size_t text_indent_ = 0;
};

}  // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
  auto lines = split(text, '\n');
  for (auto& line : lines)
    if (line.ends_with('\r')) line.remove_suffix(1);
  return lines;
}

bool fit_to_read(std::string_view text, spec::Diagnostics& d) {
  if (text.size() > kMostBytes) {
    d.add({1, 1}, fmt::format("a plan of {} bytes", text.size()), fmt::format("at most {} bytes (1 MiB)", kMostBytes));
    return false;
  }
  auto before = d.count();
  TabFinder tabs(d);
  int number = 0;
  for (auto line : lines_of(text)) {
    check_characters(line, ++number, d);
    tabs.see(line, number);
    if (d.count() > before + 20) break;
  }
  return d.count() == before;
}

int character_column(std::string_view line, int byte_column) {
  auto bytes = std::min(line.size(), static_cast<std::size_t>(std::max(byte_column - 1, 0)));
  auto rest = std::ranges::count_if(line.substr(0, bytes), [](unsigned char c) { return continues(c); });
  return static_cast<int>(bytes) - static_cast<int>(rest) + 1;
}

std::size_t character_length(std::string_view s) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  auto first = byte(0);
  std::size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length == 0 || s.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!continues(byte(i))) return 0;
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) >= 0xa0) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) >= 0x90) return 0;
  return length;
}

std::string ticked(std::string_view s) {
  constexpr std::size_t kMost = 60;
  auto length = std::min(s.size(), kMost);
  while (length < s.size() && length > 0 && continues(static_cast<unsigned char>(s[length]))) --length;
  return "`" + printable(s.substr(0, length)) + (length < s.size() ? "…`" : "`");
}

}  // namespace davy::plan
