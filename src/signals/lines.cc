#include "signals/lines.h"

#include "signals/scan.h"

namespace davy::signals {

// Two places are written whether a step of 64 bytes has as many newlines or not: what is written in vain costs less
// than a loop whose end is mispredicted in every other line.
DAVY_FAST std::size_t take_lines(std::string_view& block, std::span<LineRead> into) {
  const char* newlines[kLinesAtOnce + 64];
  auto begin = block.data(), end = begin + block.size();
  auto wanted = std::min(into.size(), kLinesAtOnce);
  std::size_t n = 0;
  for (auto at = begin; at < end && n < wanted; at += 64) {
    auto bits = bits_of(at, end, '\n', '\n');
    auto out = newlines + n, stop = out + std::popcount(bits);
    n = static_cast<std::size_t>(stop - newlines);
    do
      for (int i = 0; i < 2; ++i, bits &= bits - 1) *out++ = at + std::countr_zero(bits);
    while (out < stop);
  }
  if (n < wanted && (n == 0 ? begin : newlines[n - 1] + 1) != end) newlines[n++] = end;
  n = std::min(n, wanted);
  for (std::size_t i = 0; i < n; begin = newlines[i++] + 1)
    into[i].text = {begin, static_cast<std::size_t>(newlines[i] - begin)};
  block.remove_prefix(std::min(static_cast<std::size_t>(begin - block.data()), block.size()));
  return n;
}

}  // namespace davy::signals
