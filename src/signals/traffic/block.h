// Whole lines by the hundred, for whoever reads files of gigabytes: a block is cut at its newlines first, so that no
// line has to wait for the end of the one before.
#pragma once
#include <array>
#include <span>

#include "signals/traffic/figures.h"
#include "signals/traffic/marks.h"
#include "signals/traffic/request.h"

namespace davy::signals {

struct LineRead {
  std::string_view text;  // without its newline
  Parsed parsed = Parsed::other;
  // Where it is one. A parser finds it as it was made, or as the same parser left it for the same Want.
  Request line;
};

class Block {
 public:
  Block(std::string_view block, Dividers dividers) : left_(block), marks_(dividers, block.data() + block.size()) {}

  // The next lines of the block; none when it is over. The last one may lack its newline. Valid, as are the marks of
  // these lines, until the next call.
  std::span<LineRead> next();
  const Marks& marks() const { return marks_; }
  Recent& recent() { return recent_; }

 private:
  static constexpr std::size_t kAtOnce = 32;
  bool look();

  std::string_view left_;  // begins where a line does; behind it lies what is cut and not handed out
  Marks marks_;
  Recent recent_;
  std::size_t found_ = 0, given_ = 0;  // line ends
  const char* looked_ = nullptr;       // what they are counted from
  std::uint16_t ends_[Marks::kMost + 2];
  std::array<LineRead, kAtOnce> lines_;
};

}  // namespace davy::signals
