#include "signals/words/app_line.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "base/text.h"

namespace davy::signals {
namespace {

constexpr std::size_t kLongest = 2000, kLevelWithin = 160;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

constexpr std::pair<std::string_view, Level> kLevels[] = {
    {"trace", Level::debug}, {"debug", Level::debug},    {"dbg", Level::debug},       {"info", Level::info},
    {"inf", Level::info},    {"notice", Level::info},    {"warn", Level::warning},    {"warning", Level::warning},
    {"wrn", Level::warning}, {"error", Level::error},    {"err", Level::error},       {"fatal", Level::error},
    {"crit", Level::error},  {"critical", Level::error}, {"severe", Level::error},    {"panic", Level::error},
    {"alert", Level::error}, {"emerg", Level::error},    {"emergency", Level::error}, {"dpanic", Level::error},
    {"eror", Level::error},  // log15
};

Level level_named(std::string_view word) {
  if (word.size() < 3 || word.size() > 9) return Level::none;
  auto name = lower(word);
  for (auto& [known, level] : kLevels)
    if (known == name) return level;
  return Level::none;
}

// Bunyan and pino: 10, 20 … 60.
Level level_of(std::string_view text) {
  if (text.size() == 2 && text[1] == '0' && is_digit(text[0]))
    return text[0] >= '5'   ? Level::error
           : text[0] == '4' ? Level::warning
           : text[0] == '3' ? Level::info
                            : Level::debug;
  return level_named(text);
}

// The members of one object on one line, the outer ones only; nested ones are passed over.
class Members {
 public:
  explicit Members(std::string_view text) : rest_(text) {
    blanks();
    if (!rest_.empty() && rest_.front() == '{') rest_.remove_prefix(1);
  }
  // value: the inside of a string with its escapes, or the text of all else. False: the end, or no JSON from here on.
  bool next(std::string_view& key, std::string_view& value) {
    blanks();
    if (!rest_.empty() && rest_.front() == ',') rest_.remove_prefix(1), blanks();
    if (!string(key)) return false;
    blanks();
    if (rest_.empty() || rest_.front() != ':') return false;
    rest_.remove_prefix(1);
    blanks();
    return string(value) || other(value);
  }

 private:
  void blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }
  bool string(std::string_view& out) {
    if (rest_.empty() || rest_.front() != '"') return false;
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    if (end >= rest_.size()) return false;
    out = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return true;
  }
  bool other(std::string_view& out) {
    std::size_t end = 0, depth = 0;
    bool inside = false;
    for (; end < rest_.size(); ++end) {
      char c = rest_[end];
      if (inside) {
        if (c == '\\') ++end;
        inside = c != '"';
      } else if (c == '"') {
        inside = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']' || c == ',') && depth == 0) {
        break;
      } else if (c == '}' || c == ']') {
        --depth;
      }
    }
    out = rest_.substr(0, std::min(end, rest_.size()));
    while (!out.empty() && is_blank(out.back())) out.remove_suffix(1);
    rest_.remove_prefix(std::min(end, rest_.size()));
    return !out.empty();
  }
  std::string_view rest_;
};

// Up to the first line break: what follows in one string is a stack.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size() && out.size() < kLongest; ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    char c = text[++i];
    if (c == 'n' || c == 'r') break;
    out += c == 't' ? ' ' : c == 'u' ? '?' : c;
    if (c == 'u') i += std::min<std::size_t>(4, text.size() - i - 1);
  }
  return out;
}

template <std::size_t N>
std::size_t rank(const std::array<std::string_view, N>& names, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

// Of several keys the first of these counts.
constexpr std::array<std::string_view, 12> kLevelKeys = {"level",     "severity", "lvl",      "levelname",
                                                         "log.level", "loglevel", "priority", "@l",
                                                         "Level",     "@level",   "LogLevel", "Severity"};
constexpr std::array<std::string_view, 11> kMessageKeys = {
    "msg", "message", "@message", "event", "text", "log", "@m", "@mt", "Message", "RenderedMessage", "MessageTemplate"};
constexpr std::array<std::string_view, 6> kErrorKeys = {"err",           "error",    "exception",
                                                        "error.message", "exc_info", "cause"};

// What keys and values come to, of JSON and of logfmt alike.
class Gathering {
 public:
  void take(std::string_view key, std::string_view value) {
    better(level_, kLevelKeys, key, value);
    better(message_, kMessageKeys, key, value);
    better(error_, kErrorKeys, key, value);
  }
  bool any() const { return level_.rank < kLevelKeys.size() || message_.rank < kMessageKeys.size(); }
  bool says() const { return message_.rank < kMessageKeys.size() || error_.rank < kErrorKeys.size(); }
  AppLine line() const {
    AppLine out{.level = level_of(level_.value), .message = unescaped(message_.value)};
    if (error_.value.empty() || error_.value == "null" || error_.value == "false") return out;
    auto why = unescaped(error_.value);
    if (why != out.message) out.message += (out.message.empty() ? "" : " error=") + why;
    return out;
  }

 private:
  struct Best {
    std::size_t rank = 99;
    std::string_view value;
  };
  template <std::size_t N>
  static void better(Best& best, const std::array<std::string_view, N>& names, std::string_view key,
                     std::string_view value) {
    if (auto at = rank(names, key); at < names.size() && at < best.rank) best = {at, value};
  }
  Best level_, message_, error_;
};

// key=value and key="value with blanks", one after the other; false at the end.
bool next_pair(std::string_view& rest, std::string_view& key, std::string_view& value) {
  for (;;) {
    auto begin = std::find_if_not(rest.begin(), rest.end(), is_blank) - rest.begin();
    rest.remove_prefix(static_cast<std::size_t>(begin));
    if (rest.empty()) return false;
    auto end = rest.find_first_of(" \t=\"");
    if (end == 0 || end == rest.npos || rest[end] != '=') {
      rest.remove_prefix(std::min(rest.find_first_of(" \t"), rest.size()));
      continue;
    }
    key = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    bool quoted = rest.starts_with('"');
    std::size_t to = quoted ? 1 : 0;
    while (to < rest.size() && (quoted ? rest[to] != '"' : !is_blank(rest[to]))) to += rest[to] == '\\' ? 2 : 1;
    to = std::min(to, rest.size());
    value = rest.substr(quoted ? 1 : 0, quoted ? to - 1 : to);
    rest.remove_prefix(std::min(to + 1, rest.size()));
    return true;
  }
}

// A level stands alone in capitals, in brackets, or before a colon at the very beginning.
Level level_at(std::string_view text, std::size_t from, std::size_t to) {
  auto word = text.substr(from, to - from);
  auto level = level_named(word);
  if (level == Level::none) return level;
  char before = from > 0 ? text[from - 1] : ' ', after = to < text.size() ? text[to] : ' ';
  bool laravel = before == '.' && after == ':';  // production.ERROR:
  if (is_word(before) || is_word(after) || before == '/' || (before == '.' && !laravel)) return Level::none;
  bool capitals = std::ranges::all_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
  bool bracketed = (before == '[' || before == ':' || before == '<') && (after == ']' || after == '>');
  if (capitals && after != '-' && after != '=') return level;
  return bracketed || (from == 0 && after == ':') ? level : Level::none;
}

bool is_klog(std::string_view text) {
  return text.size() > 6 && std::string_view("IWEF").contains(text[0]) &&
         std::ranges::all_of(text.substr(1, 4), is_digit) && text[5] == ' ';
}

// "<3>": sd-daemon(3); "fail: X[13]": .NET's console.
Level level_before(std::string_view& text) {
  if (text.size() > 3 && text[0] == '<' && text[1] >= '0' && text[1] <= '7' && text[2] == '>') {
    auto level = text[1] <= '3' ? Level::error : text[1] == '4' ? Level::warning : Level::info;
    return text.remove_prefix(3), level;
  }
  if (!text.starts_with("fail: ")) return Level::none;
  return text.remove_prefix(6), Level::error;
}

std::string_view trimmed_head(std::string_view text) {
  auto at = text.find_first_not_of(" \t:]>|-");
  return at == text.npos ? std::string_view() : text.substr(at);
}

AppLine plain(std::string_view text) {
  AppLine out;
  out.level = level_before(text);
  out.message = text;
  if (out.level != Level::none) return out;
  if (is_klog(text)) {
    out.level = text[0] == 'I' ? Level::info : text[0] == 'W' ? Level::warning : Level::error;
    auto at = text.find("] ");
    if (at != text.npos) out.message = text.substr(at + 2);
    return out;
  }
  auto head = text.substr(0, kLevelWithin);
  for (std::size_t i = 0; i < head.size();) {
    if (!is_letter(head[i])) {
      ++i;
      continue;
    }
    auto end = i;
    while (end < head.size() && is_letter(head[end])) ++end;
    out.level = level_at(text, i, end);
    if (out.level != Level::none) {  // dates, hosts and threads before it say nothing of what happened
      if (auto before = head.substr(0, i); before.empty() || before.find_first_of("0123456789[") != before.npos)
        out.message = trimmed_head(text.substr(end));
      return out;
    }
    i = end;
  }
  return out;
}

bool names_exception(std::string_view text) {
  if (text.contains("UnhandledPromiseRejection")) return true;
  for (auto begin :
       {"PHP Fatal error: ", "PHP Parse error: ", "Fatal error: ", "Caused by: ", "panic: ", "fatal error: ",
        "Uncaught ", "Unhandled ", "Exception in thread", "Segmentation fault", "thread '"})
    if (text.starts_with(begin)) return std::string_view(begin) != "thread '" || text.contains("panicked");
  std::size_t end = 0;
  while (end < text.size() && (is_word(text[end]) || text[end] == '.' || text[end] == '$')) ++end;
  auto name = text.substr(0, end);
  return (end == text.size() || text[end] == ':') && name.size() > 5 &&
         (name.ends_with("Error") || name.ends_with("Exception"));
}

bool is_continuation(std::string_view text) {
  if (text.empty() || is_blank(text.front())) return true;
  for (auto begin : {"at ", "Traceback (most recent", "... ", "goroutine ", "During handling of", "The above exception",
                     "stack backtrace:", "note: run with"})
    if (text.starts_with(begin)) return true;
  return text == "}" || text == "]" || text == ")";
}

template <class F>
void each_field(std::string_view text, F&& f) {
  std::string_view key, value;
  if (text.starts_with('{'))
    for (Members members(text); members.next(key, value);) f(key, value);
  else
    while (next_pair(text, key, value)) f(key, value);
}

}  // namespace

std::string_view name_of(Level level) {
  constexpr std::string_view kNames[] = {"none", "debug", "info", "warning", "error"};
  return kNames[static_cast<std::size_t>(level)];
}

AppLine read_app_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  if (is_continuation(text)) return {.continues = true, .message = std::string(text.substr(0, kLongest))};
  Gathering found;
  bool json = text.starts_with('{');
  if (json || text.contains("level=") || text.contains("lvl=") || text.contains("severity="))
    each_field(text, [&](auto key, auto value) { found.take(key, value); });
  AppLine out = found.any() && found.says() ? found.line() : plain(text);
  if (found.any() && !found.says()) out.level = found.line().level;
  if (!json && names_exception(out.message)) {
    out.exception = true;
    if (out.level == Level::none) out.level = Level::error;
  }
  if (out.message.size() > kLongest) out.message.resize(kLongest);
  return out;
}

std::string field_of(std::string_view line, std::string_view key) {
  std::string out;
  each_field(line, [&](auto name, auto value) {
    if (name == key && out.empty()) out = unescaped(value);
  });
  return out;
}

}  // namespace davy::signals
