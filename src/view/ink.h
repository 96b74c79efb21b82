// Lines for a terminal: pieces of text with a style, cut to the width of the screen by what is visible.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "view/view.h"

namespace davy::view {

// Text from outside, safe to print: control characters, bidirectional overrides and bytes that are not UTF-8 become
// visible. With !unicode all that is not ASCII becomes `?`, our own signs their plain twins.
std::string clean(std::string_view, bool unicode = true);

// Columns that a terminal needs for it.
int columns(std::string_view utf8);
// At most `width` columns, with … at the end when something was cut.
std::string cut(std::string_view utf8, int width, bool unicode = true);
std::string padded(std::string_view utf8, int width, bool unicode = true);
// At most `most` lines of at most `width` columns, broken at spaces; the last one is cut.
std::vector<std::string> wrapped(std::string_view utf8, int width, std::size_t most, bool unicode = true);

enum class Style { plain, strong, dim, good, bad, busy, warn };

class Ink {
 public:
  explicit Ink(const Look& look) : look_(look) {}
  Ink& add(std::string_view text, Style style = Style::plain);
  Ink& gap(int to_column);  // blanks up to there; at least two
  // Put at the right edge; what stands left of it is cut rather than this.
  Ink& right(std::string_view text, Style style = Style::dim);
  int used() const { return used_; }
  std::string str() const;

 private:
  struct Piece {
    std::string text;
    Style style;
  };
  std::string painted(const Piece&) const;
  Look look_;
  std::vector<Piece> pieces_;
  Piece right_{"", Style::dim};
  int used_ = 0;
};

// The signs. Each has a plain twin of one column.
std::string mark_of(Status, bool unicode);
Style style_of(Status);

// A bar of `width` columns, `share` of it filled.
std::string bar(double share, int width, bool unicode);

}  // namespace davy::view
