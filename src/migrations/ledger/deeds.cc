#include "migrations/ledger/deeds.h"

#include <algorithm>

namespace davy::migrations {
namespace {

using Tokens = std::vector<Token>;

// Reads tokens from the front.
struct Walk {
  const Tokens& all;
  std::size_t at = 0;

  bool word(std::string_view w) {
    bool is = at < all.size() && all[at].is == Token::Is::word && all[at].text == w;
    if (is) ++at;
    return is;
  }
  bool words(std::initializer_list<std::string_view> some) {
    auto from = at;
    for (auto w : some)
      if (!word(w)) return at = from, false;
    return true;
  }
  bool sign(std::string_view s) {
    bool is = at < all.size() && all[at].is == Token::Is::sign && all[at].text == s;
    if (is) ++at;
    return is;
  }
  std::string part() {
    if (at >= all.size()) return {};
    auto& token = all[at];
    if (token.is == Token::Is::quoted) return ++at, token.text;
    if (token.is != Token::Is::word) return {};
    auto out = token.text;
    for (auto& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');  // as PostgreSQL folds it
    return ++at, out;
  }
  Name name() {
    auto first = part();
    if (first.empty() || !sign(".")) return {"", first};
    return {first, part()};
  }
};

IndexDeed built(Walk w) {
  IndexDeed out{.is = IndexDeed::Is::builds};
  out.concurrently = w.word("CONCURRENTLY");
  out.if_not_exists = w.words({"IF", "NOT", "EXISTS"});
  if (!w.word("ON")) {
    out.index = w.name();
    if (!w.word("ON")) return {};
  }
  w.word("ONLY");
  out.table = w.name();
  return out;
}

IndexDeed dropped(Walk w) {
  IndexDeed out{.is = IndexDeed::Is::drops};
  out.concurrently = w.word("CONCURRENTLY");
  w.words({"IF", "EXISTS"});
  out.index = w.name();
  return w.sign(",") ? IndexDeed{} : out;
}

bool first_is(const Statement& s, std::initializer_list<std::string_view> any) {
  return std::ranges::any_of(any, [&](auto word) { return s.begins({word}); });
}

}  // namespace

IndexDeed index_deed(const Statement& s) {
  Walk w{s.tokens};
  if (w.word("CREATE")) {
    w.word("UNIQUE");
    return w.word("INDEX") ? built(w) : IndexDeed{};
  }
  return w.words({"DROP", "INDEX"}) ? dropped(w) : IndexDeed{};
}

// A view that is refreshed CONCURRENTLY may be so inside one.
bool outside_only(const Statement& s) {
  if (first_is(s, {"VACUUM"})) return true;
  bool may = first_is(s, {"CREATE", "DROP", "REINDEX"}) || s.begins({"ALTER", "TABLE"});
  return may && s.holds("CONCURRENTLY");
}

bool opens_transaction(const Statement& s) { return first_is(s, {"BEGIN"}) || s.begins({"START", "TRANSACTION"}); }
bool commits_transaction(const Statement& s) { return first_is(s, {"COMMIT", "END"}) && !s.holds("PREPARED"); }

bool ends_transaction(const Statement& s) {
  if (commits_transaction(s) || first_is(s, {"COMMIT", "ABORT"}) || s.begins({"PREPARE", "TRANSACTION"})) return true;
  return first_is(s, {"ROLLBACK"}) && !s.holds("TO");
}

bool harmless_twice(const Statement& s) {
  return first_is(s, {"REINDEX", "VACUUM", "ANALYZE", "REFRESH", "SET", "RESET"});
}

// A routine may end transactions itself; what belongs to the whole server is no part of any.
bool fits_a_transaction(const Statement& s) {
  if (outside_only(s) || s.tokens.empty()) return false;
  if (first_is(s, {"INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "WITH", "COMMENT", "GRANT", "REVOKE", "TRUNCATE"}))
    return true;
  if (!first_is(s, {"CREATE", "ALTER", "DROP"}) || s.tokens.size() < 2) return false;
  static constexpr std::string_view kApart[] = {"DATABASE", "TABLESPACE", "SUBSCRIPTION", "SYSTEM"};
  auto& what = s.tokens[1].text;
  return std::ranges::find(kApart, what) == std::end(kApart) && !s.begins({"ALTER", "TYPE"});
}

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string quoted(const Name& name) {
  return name.schema.empty() ? quoted_name(name.name) : quoted_name(name.schema) + "." + quoted_name(name.name);
}

std::string quoted_text(std::string_view text) {
  std::string out = text.contains('\\') ? " E'" : "'";
  for (char c : text) out += c == '\'' ? "''" : c == '\\' ? "\\\\" : std::string(1, c);
  return out + "'";
}

}  // namespace davy::migrations
