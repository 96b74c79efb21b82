#include "signals/traffic/wrapping.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "signals/traffic/figures.h"

namespace davy::signals {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The word up to the next blank, which is left out of what follows.
std::string_view word(std::string_view& text) {
  auto end = std::min(text.find(' '), text.size());
  auto out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

// "2026-11-21T10:00:02…"
bool is_stamp(std::string_view text) {
  Time ignored;
  return text.size() >= 19 && text[4] == '-' && text[10] == 'T' && read_time(text, {}, ignored);
}

bool stamp(std::string_view& text) {
  auto rest = text;
  if (rest.empty() || !is_digit(rest[0]) || !is_stamp(word(rest)) || rest.empty()) return false;
  return text = rest, true;
}

// "Sat Nov 28 09:00:00 2026 - ", as uWSGI and PM2 have it (asctime), or an RFC 3339 time.
bool any_stamp(std::string_view& text) {
  constexpr std::string_view kForm = "www www dd dd:dd:dd dddd - ";
  auto fits = [](char form, char c) {
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return form == 'w' ? letter : form == 'd' ? is_digit(c) || c == ' ' : c == form;
  };
  if (text.size() <= kForm.size() || !std::ranges::equal(kForm, text.substr(0, kForm.size()), fits)) return stamp(text);
  return text.remove_prefix(kForm.size()), true;
}

// "2026-…Z stdout F text"; `ended` is false for a part of a line.
bool cri(std::string_view& text, bool& ended) {
  auto rest = text;
  if (!stamp(rest)) return false;
  auto stream = word(rest), tag = word(rest);
  if ((stream != "stdout" && stream != "stderr") || (!tag.starts_with('F') && !tag.starts_with('P'))) return false;
  ended = tag[0] == 'F';
  return text = rest, true;
}

// "web-1  | text", "[pod/a/b] text".
bool compose(std::string_view& text) {
  auto rest = text;
  auto name = word(rest);
  if (name.starts_with("[pod/") && name.ends_with(']')) return text = rest, true;
  auto bar = rest.find_first_not_of(' ');
  if (name.empty() || name[0] == '"' || name[0] == '{' || bar == rest.npos || !rest.substr(bar).starts_with("|"))
    return false;
  rest.remove_prefix(bar + 1);
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  return text = rest, true;
}

// `-`, or elements in brackets whose values may hold escaped quotes and brackets (RFC 5424, 6.3).
bool structured_data(std::string_view& text) {
  if (text.starts_with('-')) return text.remove_prefix(1), true;
  bool any = false;
  for (bool quoted = false; text.starts_with('['); any = true) {
    std::size_t at = 1;
    for (; at < text.size() && (quoted || text[at] != ']'); ++at)
      if (quoted && text[at] == '\\')
        ++at;
      else if (text[at] == '"')
        quoted = !quoted;
    if (at >= text.size()) return false;
    text.remove_prefix(at + 1);
  }
  return any;
}

// "1 2026-11-21T10:00:02Z host app 7 id - text", behind its `<134>`.
bool rfc5424(std::string_view& text) {
  auto rest = text;
  if (word(rest) != "1" || !is_stamp(word(rest))) return false;
  for (int i = 0; i < 4; ++i) word(rest);
  if (!structured_data(rest)) return false;
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  return text = rest, true;
}

// "host tag[7]: text", "tag: text".
bool tag(std::string_view& text) {
  auto rest = text;
  for (int i = 0; i < 2; ++i) {
    auto one = word(rest);
    if (one.size() > 1 && one.ends_with(':') && !one.contains('"')) return text = rest, true;
  }
  return false;
}

bool syslog(std::string_view& text) {
  auto rest = text;
  if (rest.starts_with('<')) {
    auto close = rest.substr(0, 5).find('>');
    if (close == rest.npos || close < 2 || !std::ranges::all_of(rest.substr(1, close - 1), is_digit)) return false;
    rest.remove_prefix(close + 1);
    if (rfc5424(rest)) return text = rest, true;
  }
  bool old =
      rest.size() > 16 && rest[3] == ' ' && rest[6] == ' ' && rest[9] == ':' && rest[12] == ':' && rest[15] == ' ';
  if (old)
    rest.remove_prefix(16);
  else if (!stamp(rest))
    return false;
  return tag(rest) && (text = rest, true);
}

// The string behind `"key":` of the outermost object, with its escapes; null: there is none.
std::string_view string_of(std::string_view json, std::string_view key) {
  int depth = 0;
  std::string_view name;
  for (std::size_t at = 0; at < json.size(); ++at) {
    auto c = json[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    auto begin = ++at;
    while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
    if (at >= json.size()) return {};
    auto text = json.substr(begin, at - begin);
    auto next = json.find_first_not_of(" \t", at + 1);
    if (next != json.npos && json[next] == ':')
      name = text;
    else if (depth == 1 && std::exchange(name, {}) == key)
      return text;
  }
  return {};
}

int hex(std::string_view text) {
  int out = 0;
  for (char c : text) {
    auto digit = is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    if (digit < 0) return -1;
    out = out * 16 + digit;
  }
  return text.size() == 4 ? out : -1;
}

void put_utf8(std::string& out, int point) {
  auto put = [&](int byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) return put(0xc0 | point >> 6), put(0x80 | (point & 63));
  if (point < 0x10000) return put(0xe0 | point >> 12), put(0x80 | (point >> 6 & 63)), put(0x80 | (point & 63));
  put(0xf0 | point >> 18), put(0x80 | (point >> 12 & 63)), put(0x80 | (point >> 6 & 63)), put(0x80 | (point & 63));
}

// "\u00e9", of which the first letter is at `at`; a pair of surrogates is one character.
std::size_t put_unicode(std::string& out, std::string_view text, std::size_t at) {
  auto point = hex(text.substr(std::min(at + 1, text.size()), 4));
  if (point < 0) return out += 'u', at;
  if (point >= 0xd800 && point < 0xdc00 && text.substr(at + 5).starts_with("\\u")) {
    auto low = hex(text.substr(std::min(at + 7, text.size()), 4));
    if (low >= 0xdc00 && low < 0xe000) return put_utf8(out, 0x10000 + ((point - 0xd800) << 10) + low - 0xdc00), at + 10;
  }
  return put_utf8(out, point), at + 4;
}

void unescape(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || at + 1 == text.size()) {
      out += text[at];
      continue;
    }
    constexpr std::string_view kFrom = "nrtbf", kTo = "\n\r\t\b\f";
    auto c = text[++at];
    if (auto place = kFrom.find(c); place != kFrom.npos)
      out += kTo[place];
    else if (c == 'u')
      at = put_unicode(out, text, at);
    else
      out += c;
  }
}

// "\x1b[32m" and the like (ECMA-48, SGR).
void without_colours(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\x1b') {
      out += text[at];
      continue;
    }
    auto end = text.find_first_not_of("[0123456789;", at + 1);
    at = end == text.npos ? text.size() : end;
  }
}

constexpr std::string_view kMessages[] = {"log", "message", "MESSAGE"};

bool has_message(std::string_view text) {
  return text.starts_with('{') &&
         std::ranges::any_of(kMessages, [&](auto key) { return string_of(text, key).data() != nullptr; });
}

bool is(Wrap what, std::string_view text) {
  bool ended = false;
  switch (what) {
    case Wrap::docker:
      return text.starts_with(R"({"log":")") && string_of(text, "stream").data();
    case Wrap::message:
      return has_message(text);
    case Wrap::cri:
      return cri(text, ended);
    case Wrap::colours:
      return text.contains("\x1b[");
    case Wrap::compose:
      return compose(text);
    case Wrap::stamp:
      return any_stamp(text);
    case Wrap::syslog:
      return syslog(text);
  }
  return false;
}

Wrapping find(std::span<const std::string_view> lines, std::span<const Wrap> kinds) {
  Wrapping out;
  std::vector<std::string> texts(lines.begin(), lines.end());
  for (auto kind : kinds) {
    auto those = std::ranges::count_if(texts, [&](auto& text) { return is(kind, text); });
    // Colours are not in every line.
    if (those == 0 || (kind != Wrap::colours && 2 * static_cast<std::size_t>(those) < texts.size())) continue;
    out.add(kind);
    Wrapping one;
    one.add(kind);
    Unwrapper unwrapper(one);
    for (auto& text : texts) text = std::string(unwrapper.line(std::string(text)).value_or(""));
    std::erase(texts, "");
  }
  return out;
}

}  // namespace

std::string Wrapping::said() const {
  constexpr std::pair<Wrap, std::string_view> kSaid[] = {{Wrap::docker, "the lines of Docker's json-file"},
                                                         {Wrap::message, "the messages of JSON"},
                                                         {Wrap::cri, "the lines of a container's runtime (CRI)"},
                                                         {Wrap::colours, "a terminal's colours"},
                                                         {Wrap::compose, "the names of compose or kubectl"},
                                                         {Wrap::stamp, "times before the lines"},
                                                         {Wrap::syslog, "syslog's headers"}};
  std::string out;
  for (auto& [one, text] : kSaid)
    if (has(one)) out += (out.empty() ? "" : ", ") + std::string(text);
  return out;
}

Wrapping Wrapping::sure(std::span<const std::string_view> lines) {
  constexpr Wrap kSure[] = {Wrap::docker, Wrap::cri, Wrap::colours, Wrap::compose};
  return find(lines, kSure);
}

Wrapping Wrapping::likely(std::span<const std::string_view> lines) {
  constexpr Wrap kAll[] = {Wrap::docker, Wrap::message, Wrap::cri, Wrap::colours, Wrap::compose, Wrap::syslog};
  constexpr Wrap kStamps[] = {Wrap::docker, Wrap::message, Wrap::cri, Wrap::colours, Wrap::compose, Wrap::stamp};
  auto out = find(lines, kAll);
  return out.has(Wrap::syslog) ? out : find(lines, kStamps);
}

bool Unwrapper::escaped(std::string_view& text, std::string_view key) {
  auto found = string_of(text, key);
  if (!found.data()) return false;
  std::string open;  // what is found may stand in open_ itself
  unescape(found, open);
  open_ = std::move(open);
  text = open_;
  return true;
}

// True: the line is whole.
bool Unwrapper::joined(std::string_view& text, bool ended) {
  if (ended && held_.empty()) return true;
  held_.append(text.substr(0, kLongest - std::min(held_.size(), kLongest)));
  if (!ended) return false;
  plain_ = std::exchange(held_, {});
  text = plain_;
  return true;
}

std::optional<std::string_view> Unwrapper::line(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  bool ended = true;
  if (wrapping_.has(Wrap::docker) && is(Wrap::docker, text) && escaped(text, "log")) {
    ended = text.ends_with('\n');
    if (ended) text.remove_suffix(1);
    if (!joined(text, ended)) return std::nullopt;
  }
  if (wrapping_.has(Wrap::message) && text.starts_with('{'))
    for (auto key : kMessages)
      if (escaped(text, key)) {
        while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
        break;
      }
  if (wrapping_.has(Wrap::cri) && cri(text, ended) && !joined(text, ended)) return std::nullopt;
  if (wrapping_.has(Wrap::colours) && text.contains('\x1b')) {
    std::string bare;
    without_colours(text, bare);
    plain_ = std::move(bare);
    text = plain_;
  }
  if (wrapping_.has(Wrap::compose)) compose(text);
  if (wrapping_.has(Wrap::syslog)) syslog(text);
  if (wrapping_.has(Wrap::stamp)) any_stamp(text);
  return text;
}

}  // namespace davy::signals
