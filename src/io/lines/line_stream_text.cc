#include "io/lines/line_stream_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace davy::io {
namespace {

using Json = nlohmann::json;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The word up to the next space, and the space.
std::string_view word(std::string_view& text) {
  auto end = std::min(text.find(' '), text.size());
  auto out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

// `-`, or elements in brackets whose values may hold escaped quotes and brackets (RFC 5424, 6.3).
bool structured_data(std::string_view& text) {
  if (text.starts_with('-')) return text.remove_prefix(1), true;
  while (text.starts_with('[')) {
    bool quoted = false;
    std::size_t at = 1;
    for (; at < text.size() && (quoted || text[at] != ']'); ++at) {
      if (quoted && text[at] == '\\')
        ++at;
      else if (text[at] == '"')
        quoted = !quoted;
    }
    if (at >= text.size()) return false;
    text.remove_prefix(at + 1);
  }
  return true;
}

// "1 2026-11-21T12:00:00Z host app procid msgid - text"
std::optional<std::string_view> rfc5424(std::string_view text) {
  if (!text.starts_with("1 ")) return {};
  for (int i = 0; i < 6; ++i) word(text);
  if (text.empty() || (text[0] != '-' && text[0] != '[') || !structured_data(text)) return {};
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return text;
}

// "Nov 21 12:00:00 host tag[pid]: text", and nginx's nohostname, HAProxy's default: "Nov 21 12:00:00 tag: text".
std::optional<std::string_view> rfc3164(std::string_view text) {
  if (text.size() < 16 || text[3] != ' ' || text[6] != ' ' || text[9] != ':' || text[12] != ':' || text[15] != ' ')
    return {};
  text.remove_prefix(16);
  for (int i = 0; i < 2; ++i) {
    auto rest = text;
    if (word(rest).ends_with(':')) return rest;
    text = rest;
  }
  return {};
}

// Reads as far as the first MESSAGE of the outermost object, and on, for what ends early is broken.
struct Finder : nlohmann::json_sax<Json> {
  explicit Finder(std::string& out) : text(out) {}
  std::string& text;
  std::string name;
  int depth = 0;
  enum { none, found, left_out } state = none;

  bool mine() const { return state == none && name == "MESSAGE" && depth >= 1; }
  bool null() override {
    if (depth == 1 && mine()) state = left_out;
    return depth > 0;
  }
  bool boolean(bool) override { return depth > 0; }
  bool byte(std::uint64_t value) {
    if (depth >= 2 && mine() && value < 256) text += static_cast<char>(value);
    return depth > 0;
  }
  bool number_integer(number_integer_t) override { return depth > 0; }
  bool number_unsigned(number_unsigned_t value) override { return byte(value); }
  bool number_float(number_float_t, const string_t&) override { return depth > 0; }
  bool string(string_t& value) override {
    if (mine()) text = std::move(value), state = found;  // at depth 2: the first of several
    return depth > 0;
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return ++depth == 1; }
  bool key(string_t& k) override { return name = std::move(k), true; }
  bool end_object() override { return --depth, true; }
  bool start_array(std::size_t) override { return depth > 0 && ++depth <= 3; }
  bool end_array() override {
    if (--depth < 3 && depth >= 1 && name == "MESSAGE" && state == none && !text.empty()) state = found;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }
};

}  // namespace

std::string_view without_syslog_header(std::string_view text) {
  if (!text.starts_with('<')) return text;
  auto close = text.substr(0, 5).find('>');
  if (close == text.npos || close < 2 || !std::ranges::all_of(text.substr(1, close - 1), is_digit)) return text;
  auto rest = text.substr(close + 1);
  if (auto found = rfc5424(rest)) return *found;
  return rfc3164(rest).value_or(text);
}

Journald journald_message(std::string_view json, std::string& out) {
  out.clear();
  Finder finder(out);
  if (!Json::sax_parse(json, &finder) || finder.state == Finder::left_out) return Journald::broken;
  return finder.state == Finder::found ? Journald::message : Journald::other;
}

}  // namespace davy::io
