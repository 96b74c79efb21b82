// A file of SQL as its statements, cut where PostgreSQL's own client would cut them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace davy::migrations {

struct Token {
  enum class Is { word, quoted, text, number, sign };
  Is is = Is::word;
  std::string text;  // a word in upper case; a quoted name without its quotes; a text or number is left out
  int line = 1;
};

struct Statement {
  std::string text;  // without its `;` and without comments around it
  int line = 1;
  std::vector<Token> tokens;  // the first kMostTokens of them: enough to tell what it does

  bool begins(std::initializer_list<std::string_view> words) const;
  bool holds(std::string_view word) const;  // an unquoted word somewhere in it
};
inline constexpr std::size_t kMostTokens = 200;

struct Script {
  std::vector<Statement> statements;
  std::vector<std::string> marks;  // what stands behind `-- davy:`, in any line
  std::string mistake;             // "": none; else a sentence with its line, and nothing of it can be carried out
};

// Dollar quotes, nested comments, escapes, and the bodies of `BEGIN ATOMIC` are looked through. What only psql
// understands (`\connect`, `COPY … FROM STDIN`) is a mistake.
Script script_of(std::string_view text);

// An SQL text with `?` for each value in it and each comment left out, cut to about so many bytes: fit for a message.
std::string without_values(std::string_view text, std::size_t most = 120);

}  // namespace davy::migrations
