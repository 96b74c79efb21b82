// Numbers, lengths of time and dates as logs write them. All of them answer false for what is none, and never wrap.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/time.h"

namespace davy::signals {

// The longest latency that is believed; what is longer counts as this.
inline constexpr Duration kLongestLatency = std::chrono::hours(24 * 365);

// Digits only; at most 18.
bool read_digits(std::string_view, std::int64_t& out);

// The same for one to eight of them, eight bytes at once; `readable` is what may be read up to, the text's end or more.
[[gnu::always_inline]] inline bool read_few_digits(std::string_view text, const char* readable, std::int64_t& out) {
  if (text.size() - 1 >= 8 || readable - text.data() < 8 || std::endian::native != std::endian::little)
    return read_digits(text, out);
  constexpr std::uint64_t kZeros = 0x3030303030303030, kHigh = 0xf0f0f0f0f0f0f0f0;
  std::uint64_t v = 0;
  std::memcpy(&v, text.data(), 8);
  v = (v ^ kZeros) << (64 - 8 * text.size());  // zeros before it
  if ((v | (v + 0x0606060606060606)) & kHigh) return false;
  v = v * 10 + (v >> 8);
  v = ((v & 0x000000ff000000ff) * (100 + (1000000ull << 32)) +
       ((v >> 16) & 0x000000ff000000ff) * (1 + (10000ull << 32))) >>
      32;
  out = static_cast<std::int64_t>(v);
  return true;
}

// Exactly three, as a status has.
[[gnu::always_inline]] inline bool read_three_digits(const char* p, int& out) {
  auto a = static_cast<unsigned>(p[0] - '0'), b = static_cast<unsigned>(p[1] - '0'), c = static_cast<unsigned>(p[2] - '0');
  out = static_cast<int>(a * 100 + b * 10 + c);
  return a <= 9 && b <= 9 && c <= 9;
}

// "0.012", "12", "1e-05" and, as Go and Caddy write them, "1.5ms", "2m3s". `unit` is what a bare number counts. Zero
// becomes half of the last digit's place, since a log cuts what is shorter. "-" is false.
bool read_latency(std::string_view, Duration unit, Duration& out);

// A point in time, years 1970 to 2255, in any of the field's spellings:
//   21/Nov/2026:10:00:00 +0100    nginx, Apache; HAProxy without the zone and with .123
//   2026-11-21T10:00:00.123Z      RFC 3339; also with a space, +0100, +01:00, without a zone
//   1795225844.763                seconds, milliseconds, microseconds or nanoseconds since 1970, by their size
// `zone` is east of Greenwich, for those that have none of their own.
bool read_time(std::string_view, Duration zone, Time& out);
bool read_clf_time(std::string_view, Duration zone, Time& out);

}  // namespace davy::signals
