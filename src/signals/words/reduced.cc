// What certainly varies in a message, told by its shape alone: the fewer of such words reach the templates, the less
// depends on similarity.
#include <algorithm>

#include "signals/words/templates.h"

namespace davy::signals {
namespace {

constexpr std::size_t kMostTokens = 40, kLongestToken = 80, kLongestQuoted = 300;
constexpr std::string_view kAny = "<*>";
constexpr char kMark = '\x01';  // stands for <*> while a token is worked on

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// 8-4-4-4-12 digits; some of its parts may be letters only.
bool starts_with_uuid(std::string_view text) {
  constexpr std::size_t kLength = 36;
  if (text.size() < kLength || (text.size() > kLength && is_word(text[kLength]))) return false;
  for (std::size_t i = 0; i < kLength; ++i) {
    bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

bool is_exception(std::string_view word) {
  return word.size() > 5 && (word.ends_with("Exception") || word.ends_with("Error"));
}

// Numbers, ids, and words that are only hex. The name of an exception stays whatever it holds.
bool varies(std::string_view word) {
  if (is_exception(word)) return false;
  if (std::ranges::any_of(word, is_digit)) return true;
  return word.size() >= 8 && std::ranges::all_of(word, is_hex);
}

// Signs that join two parts that vary to one: 10.0.0.1:5432, 2026-11-21T10:00:00+01:00, 1,234.
bool joins(char c) { return std::string_view(".:-+,/=").contains(c); }

std::string masked_words(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size();) {
    if (starts_with_uuid(token.substr(i)) && (i == 0 || !is_word(token[i - 1]))) {
      out += kMark, i += 36;
      continue;
    }
    if (token[i] == '?' && i > 0 && token.starts_with('/')) return out + '?' + kMark;  // a query string
    if (!is_word(token[i])) {
      out += token[i++];
      continue;
    }
    auto end = i;
    while (end < token.size() && is_word(token[end])) ++end;
    auto word = token.substr(i, end - i);
    varies(word) ? out += kMark : out += word;
    i = end;
  }
  return out;
}

// "<*>:<*>" is "<*>", and so is "-<*>".
std::string collapsed(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    char c = token[i];
    bool after_mark = !out.empty() && out.back() == kMark;
    bool before_mark = i + 1 < token.size() && token[i + 1] == kMark;
    bool joined = joins(c) && (before_mark || (c == ':' && token.substr(i).starts_with("::\x01")));
    if (after_mark && (c == kMark || joined)) continue;
    bool sign =
        (c == '-' || c == '+') && before_mark && (out.empty() || std::string_view("=:([,").contains(out.back()));
    if (!sign) out += c;
  }
  return out;
}

std::string spelled(std::string_view token) {
  std::string out;
  for (char c : token) {
    if (c == kMark)
      out += kAny;
    else
      out += c > 0 && c < ' ' ? '?' : c;
  }
  return out;
}

std::string masked(std::string_view token) {
  auto at = token.find('@');
  if (at != token.npos && at > 0 && at + 1 < token.size() && is_word(token[at - 1]) && is_word(token[at + 1]))
    return std::string(kAny);  // an address of mail, user@host
  auto out = collapsed(masked_words(token));
  if (out.size() > kLongestToken) return std::string(kAny);
  return spelled(out);
}

bool only_marks(std::string_view token) {
  return token.contains(kAny) && std::ranges::none_of(token, [](char c) { return is_word(c); });
}

// Where a quoted string ends, behind its closing sign; 0: it is no quoted string. An apostrophe inside a word is none.
std::size_t quoted_end(std::string_view text, std::size_t at) {
  char quote = text[at];
  if (quote != '"' && quote != '\'' && quote != '`') return 0;
  if (quote != '"' && at > 0 && is_word(text[at - 1])) return 0;
  auto most = std::min(text.size(), at + kLongestQuoted);
  for (auto end = at + 1; end < most; ++end) {
    if (text[end] == '\\' && quote == '"') {
      ++end;
      continue;
    }
    if (text[end] == quote && (quote == '"' || end + 1 == text.size() || !is_word(text[end + 1]))) return end + 1;
  }
  return 0;
}

}  // namespace

Tokens reduced(std::string_view message) {
  Tokens out;
  std::string token;
  auto finish = [&] {
    if (token.empty()) return;
    auto one = masked(token);
    token.clear();
    bool run = !out.empty() && only_marks(one) && only_marks(out.back());  // "1, 2, 3": lists are of any length
    if (run)
      out.back() = kAny;
    else
      out.push_back(std::move(one));
  };
  for (std::size_t i = 0; i < message.size() && out.size() < kMostTokens; ++i) {
    if (is_space(message[i])) {
      finish();
    } else if (auto end = quoted_end(message, i)) {
      token += kMark;
      i = end - 1;
    } else {
      token += message[i] == kMark ? '?' : message[i];
    }
  }
  if (out.size() < kMostTokens) finish();
  return out;
}

}  // namespace davy::signals
