// The quick way through a line of Davy's own log-format, where it lies in a block that was marked: what nearly all
// lines are, without the questions that the others need. Nothing else is decided here; the lines of both ways are the
// same (lines_test, log_fuzz). It counts instructions: 200 a line, where the general way has 330.
#pragma once
#include "signals/figures.h"
#include "signals/line.h"
#include "signals/marks.h"

namespace davy::signals {

// The lowest place in the bits, which loses it.
DAVY_INLINE unsigned take(std::uint64_t& bits) {
  auto out = static_cast<unsigned>(std::countr_zero(bits));
  bits &= bits - 1;
  return out;
}

// "0/0/0/137/137", of which the first has one digit and the last four at most; 64 bytes can be read.
DAVY_INLINE bool quick_timers(const char* text, unsigned size, std::uint64_t slashes, Duration& latency) {
  slashes &= (std::uint64_t{1} << size) - 1;
  auto begin = static_cast<unsigned>(std::bit_width(slashes));
  std::uint32_t v = 0;
  std::memcpy(&v, text + begin, 4);
  auto digits = size - begin;
  auto first = static_cast<unsigned>(text[0] - '0');
  if (std::popcount(slashes) != 4 || digits - 1 > 3 || text[1] != '/' || first > 9) return false;
  v = (v ^ 0x30303030) << (32 - 8 * digits);  // zeros before it
  if ((v | (v + 0x06060606)) & 0xf0f0f0f0) return false;
  v = v * 10 + (v >> 8);
  auto ms = static_cast<int>((v & 0xff) * 100 + (v >> 16 & 0xff)) - static_cast<int>(first);
  latency = ms <= 0 ? Duration(std::chrono::microseconds(500)) : Duration(std::chrono::milliseconds(ms));
  return true;
}

// What nearly all lines are: of the second of the line before, in fields that are neither empty nor too long, ended by
// nobody before its time, with less than ten seconds of latency. False: parse_davy knows better.
DAVY_INLINE bool quick_davy(std::string_view text, const Marks& marks, Line& out, const Recent& recent) {
  if (text.size() < 64 || !recent.milliseconds.read_again(text.data(), out.end.emplace())) return false;
  auto names = text.data() + 20, stop = text.data() + text.size();
  auto bits = marks.covered_first(names);
  auto empty = bits & bits >> 1;
  take(bits), take(bits);  // peer, forwarded
  auto frontend = take(bits), backend = take(bits), server = take(bits);
  auto rest = names + server + 1;
  if (server >= 64 || rest >= stop || names[backend + 1] == '<') return false;
  bits = marks.covered_first(rest);
  empty |= bits & bits >> 1;
  auto timing = take(bits), status = take(bits), bytes = take(bits), termination = take(bits);
  take(bits), take(bits);  // redispatched, connections
  auto method = take(bits);
  if (empty != 0 || method >= 64 || rest + method + 1 >= stop || rest[method + 1] != '"' || status - timing != 4 ||
      termination - bytes != 3 || std::memcmp(rest + bytes + 1, "--", 2) != 0 ||
      !read_three_digits_and_space(rest + timing + 1, out.status) ||
      !quick_timers(rest, timing, marks.covered_second(rest), out.latency))
    return false;
  out.backend = {names + frontend + 1, backend - frontend - 1};
  out.server = {names + backend + 1, server - backend - 1};
  out.termination = {rest + bytes + 1, 2};
  out.redispatched = rest[termination + 1] == '+';
  out.outcome = out.status >= 500 ? Outcome::error : Outcome::answered;
  return true;
}

}  // namespace davy::signals
