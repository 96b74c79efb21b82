#include "migrations/ledger/statements.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "migrations/ledger/scanner.h"

namespace davy::migrations {
namespace {

using Is = Piece::Is;

std::string upper(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string unquoted(std::string_view name) {
  if (name.starts_with('U') || name.starts_with('u')) return std::string(name);  // U&"…": looked at by nobody
  std::string out;
  for (std::size_t i = 1; i + 1 < name.size(); ++i) {
    out += name[i];
    if (name[i] == '"') ++i;
  }
  return out;
}

Token token_of(const Piece& piece, int line) {
  switch (piece.is) {
    case Is::word:
      return {Token::Is::word, upper(piece.text), line};
    case Is::quoted:
      return {Token::Is::quoted, unquoted(piece.text), line};
    case Is::number:
      return {Token::Is::number, {}, line};
    case Is::sign:
      return {Token::Is::sign, std::string(piece.text), line};
    default:
      return {Token::Is::text, {}, line};
  }
}

// Where `;` stands inside of a statement: parentheses, and the body of a routine written in SQL (BEGIN ATOMIC … END),
// told as psql tells it.
class Depth {
 public:
  bool inside() const { return parentheses_ > 0 || body_ > 0; }
  void take(const Token& token) {
    if (token.is == Token::Is::sign) {
      if (token.text == "(") ++parentheses_;
      if (token.text == ")" && parentheses_ > 0) --parentheses_;
    }
    if (token.is != Token::Is::word) return;
    if (words_++ == 0) creates_ = token.text == "CREATE";
    if (creates_ && (token.text == "FUNCTION" || token.text == "PROCEDURE")) routine_ = true;
    if (!routine_) return;
    if (token.text == "BEGIN" || (body_ > 0 && token.text == "CASE")) ++body_;
    if (token.text == "END" && body_ > 0) --body_;
  }

 private:
  int parentheses_ = 0, body_ = 0, words_ = 0;
  bool creates_ = false, routine_ = false;
};

class Cutting {
 public:
  explicit Cutting(std::string_view sql) : sql_(sql) {}

  Script all() {
    for (std::size_t at = 0; at < sql_.size() && out_.mistake.empty();) {
      auto piece = piece_at(sql_, at);
      take(piece, at);
      at += piece.text.size();
      line_ += static_cast<int>(std::ranges::count(piece.text, '\n'));
    }
    close();
    if (!out_.mistake.empty()) out_.statements.clear();
    return std::move(out_);
  }

 private:
  void take(const Piece& piece, std::size_t at) {
    if (piece.is == Is::blank) return;
    if (piece.is == Is::comment) return mark(piece.text);
    if (piece.is == Is::unended) return mistake("what begins here never ends: a quote or a comment is open");
    if (piece.is == Is::sign && piece.text == "\\")
      return mistake("a command of psql's, which the server does not know: only SQL can stand here");
    if (piece.is == Is::sign && piece.text == ";" && !depth_.inside()) return close();
    auto token = token_of(piece, line_);
    if (now_.tokens.empty()) begin_ = at, now_.line = line_;
    depth_.take(token);
    if (now_.tokens.size() < kMostTokens) now_.tokens.push_back(std::move(token));
    end_ = at + piece.text.size();
  }

  void mark(std::string_view comment) {
    constexpr std::string_view kDavy = "davy:";
    auto says = trimmed(comment.substr(2));
    if (comment.starts_with("--") && says.starts_with(kDavy))
      out_.marks.emplace_back(trimmed(says.substr(kDavy.size())));
  }

  void close() {
    if (!now_.tokens.empty()) {
      now_.text = sql_.substr(begin_, end_ - begin_);
      if (now_.begins({"COPY"}) && now_.holds("STDIN"))
        return line_ = now_.line, mistake("`COPY … FROM STDIN`: data that only psql can send; use INSERT");
      out_.statements.push_back(std::move(now_));
    }
    now_ = {}, depth_ = {};
  }

  void mistake(std::string_view what) { out_.mistake = fmt::format("line {}: {}", line_, what); }

  std::string_view sql_;
  Script out_;
  Statement now_;
  Depth depth_;
  std::size_t begin_ = 0, end_ = 0;
  int line_ = 1;
};

}  // namespace

bool Statement::begins(std::initializer_list<std::string_view> words) const {
  if (tokens.size() < words.size()) return false;
  return std::ranges::equal(words, std::span(tokens).first(words.size()),
                            [](auto word, auto& token) { return token.is == Token::Is::word && token.text == word; });
}

bool Statement::holds(std::string_view word) const {
  return std::ranges::any_of(tokens, [&](auto& t) { return t.is == Token::Is::word && t.text == word; });
}

Script script_of(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // an editor's mark of UTF-8
  return Cutting(text).all();
}

std::string without_values(std::string_view sql, std::size_t most) {
  std::string out;
  for (std::size_t at = 0; at < sql.size() && out.size() <= most;) {
    auto piece = piece_at(sql, at);
    at += piece.text.size();
    if (piece.is == Is::blank || piece.is == Is::comment)
      out += out.empty() || out.ends_with(' ') ? "" : " ";
    else if (piece.is == Is::text || piece.is == Is::number || piece.is == Is::unended)
      out += '?';
    else
      out += piece.text;
  }
  if (out.size() > most) {
    while (most > 0 && (static_cast<unsigned char>(out[most]) & 0xc0) == 0x80) --most;  // no half of a letter
    out = out.substr(0, most) + "…";
  }
  return printable(trimmed(out));
}

}  // namespace davy::migrations
