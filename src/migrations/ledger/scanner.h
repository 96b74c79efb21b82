// PostgreSQL's lexical rules (manual 15, 4.1), as far as telling where a statement ends takes them.
#pragma once
#include <optional>
#include <string_view>

namespace davy::migrations {

struct Piece {
  enum class Is { blank, comment, word, quoted, text, number, sign, unended };
  Is is = Is::blank;
  std::string_view text;
};

// The piece that begins at `at`. unended: a text, name or comment that never ends; it reaches to the end.
Piece piece_at(std::string_view sql, std::size_t at);

}  // namespace davy::migrations
