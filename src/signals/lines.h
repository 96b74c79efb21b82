// Whole lines by the hundred, for whoever reads files of gigabytes: a block is cut at its newlines first, so that no
// line has to wait for the end of the one before.
#pragma once
#include <span>

#include "signals/line.h"

namespace davy::signals {

struct LineRead {
  std::string_view text;  // without its newline
  Parsed parsed = Parsed::other;
  Line line;  // where it is one
};

inline constexpr std::size_t kLinesAtOnce = 32;

// Takes lines off the front of `block`, as many as there is room for; answers how many. The last one may lack its
// newline.
std::size_t take_lines(std::string_view& block, std::span<LineRead> into);

}  // namespace davy::signals
