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
  auto a = static_cast<unsigned>(p[0] - '0'), b = static_cast<unsigned>(p[1] - '0'),
       c = static_cast<unsigned>(p[2] - '0');
  out = static_cast<int>(a * 100 + b * 10 + c);
  return a <= 9 && b <= 9 && c <= 9;
}

// Exactly three and a space behind them, which four bytes at once tell.
[[gnu::always_inline]] inline bool read_three_digits_and_space(const char* p, int& out) {
  std::uint32_t v = 0;
  std::memcpy(&v, p, 4);
  v ^= 0x20303030;
  out = static_cast<int>((v & 0xff) * 100 + (v >> 8 & 0xff) * 10 + (v >> 16));
  return ((v | (v + 0x06060606)) & 0xf0f0f0f0) == 0 && v < 1u << 24;
}

// "0.012", "12", "1e-05" and, as Go and Caddy write them, "1.5ms", "2m3s". `unit` is what a bare number counts. Zero
// becomes half of the last digit's place, since a log cuts what is shorter. "-" is false.
bool read_latency(std::string_view, Duration unit, Duration& out);

// The same, quickly, for the "1.250" of nginx: whole seconds and three digits.
[[gnu::always_inline]] inline bool read_latency_fast(std::string_view text, Duration unit, Duration& out) {
  int part = 0;
  if (text.size() != 5 || text[1] != '.' || unit != std::chrono::seconds(1) || text[0] < '0' || text[0] > '9' ||
      !read_three_digits(text.data() + 2, part))
    return read_latency(text, unit, out);
  auto ms = (text[0] - '0') * 1000 + part;
  out = ms == 0 ? Duration(std::chrono::microseconds(500)) : Duration(std::chrono::milliseconds(ms));
  return true;
}

// A point in time, years 1970 to 2255, in any of the field's spellings:
//   21/Nov/2026:10:00:00 +0100    nginx, Apache; HAProxy without the zone and with .123; werkzeug with a space
//   2026-11-21T10:00:00.123Z      RFC 3339; also with a space, +0100, +01:00, without a zone; 2026/11/21 10:00:00
//   1795225844.763                seconds, milliseconds, microseconds or nanoseconds since 1970, by their size; of the
//                                 year 2000 or later: a smaller number is a length of time
// `zone` is east of Greenwich, for those that have none of their own.
bool read_time(std::string_view, Duration zone, Time& out);
bool read_clf_time(std::string_view, Duration zone, Time& out);

// Reads times, and knows the latest by its text: lines of one second say the same. All of one zone.
class TimeReader {
 public:
  [[gnu::always_inline]] bool read(std::string_view text, Duration zone, Time& out) {
    if (text.size() == size_ && std::memcmp(text.data(), text_, 16) == 0 &&
        std::memcmp(text.data() + size_ - 16, text_ + size_ - 16, 16) == 0)
      return out = value_, true;
    return read_anew(text, zone, out);
  }

 private:
  bool read_anew(std::string_view text, Duration zone, Time& out) {
    if (!read_time(text, zone, out)) return false;
    if (text.size() < 16 || text.size() > sizeof text_) return true;
    size_ = text.copy(text_, sizeof text_), value_ = out;
    return true;
  }

  char text_[32] = {};
  std::size_t size_ = ~std::size_t{0};  // 16 to 32; none yet
  Time value_;
};

// Milliseconds since 1970, thirteen digits from 2001 to 2286, behind a word of six letters: ten of them are those of
// the line before for a second, and so are the first sixteen bytes of the line.
class MillisecondsReader {
 public:
  // A line that begins as the one before and goes on with three digits and a space. False: read may know better.
  [[gnu::always_inline]] bool read_again(const char* line, Time& out) const {
    int ms = 0;
    if (std::memcmp(line, begin_, sizeof begin_) != 0 || !read_three_digits_and_space(line + sizeof begin_, ms))
      return false;
    out = second_ + std::chrono::milliseconds(ms);
    return true;
  }
  // `line` begins with the word, `digits` stand behind it.
  bool read(const char* line, std::string_view digits, Time& out);

 private:
  char begin_[16] = {'\n'};  // as no line does
  Time second_;
};

// What is known of the lines before, for those that come behind them in one log.
struct Recent {
  TimeReader dates;
  MillisecondsReader milliseconds;
};

}  // namespace davy::signals
