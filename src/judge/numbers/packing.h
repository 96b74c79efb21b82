// Windows as they are kept: from one to the next they are so alike that a stretch of them packed together takes a
// ninth of what they take one by one.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "judge/numbers/window.h"

namespace davy::judge {

// The windows without their latencies, a line of JSON each, as encode() has it; and the latencies. Requests are told as
// how many more there are than latencies.
struct Packed {
  std::string text, latencies;
};

// How much of what may be packed together it takes. A page of hostile endpoints takes 150,000 buckets.
struct Weight {
  std::size_t windows = 0, text = 0, buckets = 0;
  Weight& operator+=(const Weight&);
  bool within(const Weight& most) const;
};
inline constexpr Weight kMostPacked{.windows = 1024, .text = std::size_t{32} << 20, .buckets = std::size_t{1} << 24};
Weight weight_of(const Window&);

// Code::invalid beyond kMostPacked. unpack answers exactly what was packed, but for `sure` and `doubted`; of garbage it
// is an Error that says what is wrong with it, and takes no more memory than kMostPacked allows.
Result<Packed> pack(std::span<const Window>);
Result<std::vector<Window>> unpack(const Packed&);

}  // namespace davy::judge
