#include "migrations/ledger/scanner.h"

namespace davy::migrations {
namespace {

using Is = Piece::Is;

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool begins_word(char c) {
  auto u = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || u >= 0x80;
}
bool in_word(char c) { return begins_word(c) || digit(c) || c == '$'; }

struct Scanner {
  std::string_view sql;
  std::size_t at;

  char look(std::size_t ahead = 0) const { return at + ahead < sql.size() ? sql[at + ahead] : '\0'; }
  Piece up_to(Is is, std::size_t end) const {
    if (end == sql.npos || end > sql.size()) return {Is::unended, sql.substr(at)};
    return {is, sql.substr(at, end - at)};
  }
  Piece while_true(Is is, auto holds) const {
    auto end = at;
    while (end < sql.size() && holds(sql[end])) ++end;
    return up_to(is, end);
  }

  // They nest.
  Piece block_comment() const {
    int depth = 0;
    for (auto i = at; i + 1 < sql.size(); ++i) {
      auto two = sql.substr(i, 2);
      if (two != "/*" && two != "*/") continue;
      depth += two == "/*" ? 1 : -1;
      if (depth == 0) return up_to(Is::comment, i + 2);
      ++i;
    }
    return up_to(Is::comment, sql.npos);
  }

  // From its quote on; the quote twice is one in it.
  Piece quoted(Is is, char quote, std::size_t from, bool escapes) const {
    for (auto i = from + 1; i < sql.size(); ++i) {
      if (escapes && sql[i] == '\\') {
        ++i;
        continue;
      }
      if (sql[i] != quote) continue;
      if (i + 1 < sql.size() && sql[i + 1] == quote)
        ++i;
      else
        return up_to(is, i + 1);
    }
    return up_to(is, sql.npos);
  }

  // `$$` or `$tag$`; nothing where the dollar is something else.
  std::optional<Piece> dollar_quoted() const {
    auto end = at + 1;
    if (end < sql.size() && begins_word(sql[end]))
      while (end < sql.size() && in_word(sql[end]) && sql[end] != '$') ++end;
    if (end >= sql.size() || sql[end] != '$') return {};
    auto tag = sql.substr(at, end + 1 - at);
    auto close = sql.find(tag, end + 1);
    return up_to(Is::text, close == sql.npos ? close : close + tag.size());
  }

  Piece word() const {
    auto c = look();
    bool letter = look(1) == '\'';
    if (letter && (c == 'e' || c == 'E')) return quoted(Is::text, '\'', at + 1, true);
    if (letter && (c == 'b' || c == 'B' || c == 'x' || c == 'X' || c == 'n' || c == 'N'))
      return quoted(Is::text, '\'', at + 1, false);
    if ((c == 'u' || c == 'U') && look(1) == '&' && (look(2) == '\'' || look(2) == '"'))
      return quoted(look(2) == '"' ? Is::quoted : Is::text, look(2), at + 2, false);
    return while_true(Is::word, in_word);
  }

  Piece next() const {
    auto c = look();
    if (blank(c)) return while_true(Is::blank, blank);
    if (c == '-' && look(1) == '-') return while_true(Is::comment, [](char x) { return x != '\n'; });
    if (c == '/' && look(1) == '*') return block_comment();
    if (c == '\'') return quoted(Is::text, c, at, false);
    if (c == '"') return quoted(Is::quoted, c, at, false);
    if (c == '$')
      if (auto text = dollar_quoted()) return *text;
    if (begins_word(c)) return word();
    if (digit(c)) return while_true(Is::number, [](char x) { return digit(x) || x == '.' || begins_word(x); });
    return up_to(Is::sign, at + 1);
  }
};

}  // namespace

Piece piece_at(std::string_view sql, std::size_t at) { return Scanner{sql, at}.next(); }

}  // namespace davy::migrations
