#include "signals/traffic/block.h"

namespace davy::signals {

// One place is written whether 64 bytes hold a newline or not: what is written in vain costs less than a loop whose end
// is mispredicted in every other line.
DAVY_INLINE static std::uint16_t* put(std::uint16_t* out, std::size_t base, std::uint64_t bits) {
  auto stop = out + std::popcount(bits);
  do *out++ = static_cast<std::uint16_t>(base + static_cast<std::size_t>(std::countr_zero(bits)));
  while ((bits &= bits - 1) != 0);
  return stop;
}

DAVY_FAST std::size_t Marks::look(std::string_view text, std::uint16_t* newlines) {
  auto found = newlines, listed = list_ + 0;
  std::uint64_t escapes = 0;
  begin_ = text.data(), looked_ = text.size();
  auto take = [&](std::size_t at, auto bits) __attribute__((always_inline)) {
    auto first = bits(dividers_.first);
    first_[at / 64] = first, second_[at / 64] = bits(dividers_.second);
    found = put(found, at, bits('\n'));
    if (dividers_.listed) listed = put_places(listed, at, first), escapes |= bits('\\');
  };
  std::size_t at = 0;
  for (; at + 64 <= text.size(); at += 64)
    take(at, [&](char c) __attribute__((always_inline)) { return Vector<std::uint64_t, 64>::mask(begin_ + at, c, c); });
  if (at < text.size()) {
    take(at, [&](char c) { return bits_of_rest(begin_ + at, begin_ + text.size(), c, c); });
    at += 64;
  }
  first_[at / 64] = second_[at / 64] = 0;
  escapes_ = escapes != 0, listed_ = static_cast<std::size_t>(listed - list_);
  return static_cast<std::size_t>(found - newlines);
}

// Cuts what comes next. A line that is longer than what is looked at in advance is handed out alone, without marks.
bool Block::look() {
  if (left_.empty()) return false;
  auto text = left_.substr(0, Marks::kMost);
  looked_ = text.data(), given_ = 0;
  found_ = marks_.look(text, ends_);
  bool last = text.size() == left_.size();
  if (last && !text.ends_with('\n')) ends_[found_++] = static_cast<std::uint16_t>(text.size());
  return true;
}

std::span<LineRead> Block::next() {
  if (given_ == found_ && !look()) return {};
  if (found_ == 0) {
    marks_.forget();
    auto end = std::min(left_.find('\n', Marks::kMost), left_.size());
    lines_[0].text = left_.substr(0, end);
    left_.remove_prefix(std::min(end + 1, left_.size()));
    return std::span(lines_).first(1);
  }
  auto n = std::min(kAtOnce, found_ - given_);
  auto begin = left_.data();
  for (std::size_t i = 0; i < n; ++i) {
    auto end = looked_ + ends_[given_++];
    lines_[i].text = {begin, static_cast<std::size_t>(end - begin)};
    begin = end + 1;
  }
  left_.remove_prefix(std::min(static_cast<std::size_t>(begin - left_.data()), left_.size()));
  return std::span(lines_).first(n);
}

}  // namespace davy::signals
