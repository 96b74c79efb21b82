#include "signals/lines.h"

#include "signals/scan.h"

namespace davy::signals {

// Two places are written whether 64 bytes hold as many newlines or not: what is written in vain costs less than a loop
// whose end is mispredicted in every other line.
DAVY_INLINE static const char** put(const char** out, const char* at, std::uint64_t bits) {
  auto stop = out + std::popcount(bits);
  do
    for (int i = 0; i < 2; ++i, bits &= bits - 1) *out++ = at + std::countr_zero(bits);
  while (out < stop);
  return stop;
}

DAVY_FAST std::size_t take_lines(std::string_view& block, std::span<LineRead> into) {
  const char* newlines[kLinesAtOnce + 64];
  auto at = block.data(), end = at + block.size(), begin = at;
  auto wanted = newlines + std::min(into.size(), kLinesAtOnce), found = newlines + 0;
  for (; end - at >= 64 && found < wanted; at += 64)
    found = put(found, at, Vector<std::uint64_t, 64>::mask(at, '\n', '\n'));
  if (at < end && found < wanted) found = put(found, at, bits_of(at, end, '\n', '\n'));
  if (found < wanted && (found == newlines ? begin : found[-1] + 1) != end) *found++ = end;
  auto n = static_cast<std::size_t>(std::min(found, wanted) - newlines);
  for (std::size_t i = 0; i < n; begin = newlines[i++] + 1)
    into[i].text = {begin, static_cast<std::size_t>(newlines[i] - begin)};
  block.remove_prefix(std::min(static_cast<std::size_t>(begin - block.data()), block.size()));
  return n;
}

}  // namespace davy::signals
