// The quick ways through a line of HAProxy's, in Davy's own format and in httplog, where it lies in a block that was
// marked: what nearly all lines are, without the questions that the others need. Nothing else is decided here, and the
// lines of both ways are the same (lines_test, log_fuzz): 230 instructions a line instead of 340.
#pragma once
#include "signals/traffic/figures.h"
#include "signals/traffic/marks.h"
#include "signals/traffic/request.h"

namespace davy::signals {

// The lowest place in the bits, which loses it.
DAVY_INLINE unsigned take(std::uint64_t& bits) {
  auto out = static_cast<unsigned>(std::countr_zero(bits));
  bits &= bits - 1;
  return out;
}

DAVY_INLINE std::uint64_t below(unsigned size) { return (std::uint64_t{1} << size) - 1; }

// "0/0/0/137/137", of which the first has one digit and the last four at most; 64 bytes can be read.
DAVY_INLINE bool quick_timers(const char* text, unsigned size, std::uint64_t slashes, Duration& latency, int& whole) {
  slashes &= below(size);
  auto begin = static_cast<unsigned>(std::bit_width(slashes));
  std::uint32_t v = 0;
  std::memcpy(&v, text + begin, 4);
  auto digits = size - begin;
  auto first = static_cast<unsigned>(text[0] - '0');
  if (std::popcount(slashes) != 4 || digits - 1 > 3 || text[1] != '/' || first > 9) return false;
  v = (v ^ 0x30303030) << (32 - 8 * digits);  // zeros before it
  if ((v | (v + 0x06060606)) & 0xf0f0f0f0) return false;
  v = v * 10 + (v >> 8);
  whole = static_cast<int>((v & 0xff) * 100 + (v >> 16 & 0xff));
  auto ms = whole - static_cast<int>(first);
  latency = ms <= 0 ? Duration(std::chrono::microseconds(500)) : Duration(std::chrono::milliseconds(ms));
  return true;
}

// What nearly all lines are: of the second of the line before, in fields that are neither empty nor too long, ended by
// nobody before its time, with less than ten seconds of latency. False: parse_davy knows better.
DAVY_INLINE bool quick_davy(std::string_view text, const Marks& marks, Request& out, const Recent& recent) {
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
  int ignored = 0;
  if (empty != 0 || method >= 64 || rest + method + 1 >= stop || rest[method + 1] != '"' || status - timing != 4 ||
      std::memcmp(rest + bytes + 1, "--", 2) != 0 || !read_three_digits_and_space(rest + timing + 1, out.status) ||
      out.status == 101 || !quick_timers(rest, timing, marks.covered_second(rest), out.latency, ignored))
    return false;
  out.backend = {names + frontend + 1, backend - frontend - 1};
  out.server = {names + backend + 1, server - backend - 1};
  out.termination = {rest + bytes + 1, 2};
  out.redispatched = rest[termination + 1] == '+';
  out.outcome = out.status >= 500 ? Outcome::error : Outcome::answered;
  return true;
}

// "06/Feb/2009:12:14:14.655] ", of which 32 bytes can be read.
DAVY_INLINE bool quick_date(const char* text, Duration zone, Recent& recent, Time& out) {
  int ms = 0;
  if (text[2] != '/' || text[20] != '.' || text[24] != ']' || text[25] != ' ' || !read_three_digits(text + 21, ms) ||
      !recent.dates.read({text, 20}, zone, out))
    return false;
  out += std::chrono::milliseconds(ms);
  return true;
}

// The same for httplog, from an address that begins with a digit.
DAVY_INLINE bool quick_httplog(std::string_view text, const Marks& marks, Request& out, Duration zone, Recent& recent) {
  if (text.size() < 96 || static_cast<unsigned>(text[0] - '0') > 9) return false;
  auto stop = text.data() + text.size();
  auto bits = marks.covered_first(text.data());
  auto peer = take(bits);
  Time begun;
  if (peer < 8 || peer > 50 || text[peer + 1] != '[' ||
      !Vector<std::uint8_t, 8>::mask(text.data() + peer - 8, ':', ':') ||
      !quick_date(text.data() + peer + 2, zone, recent, begun))
    return false;
  auto names = text.data() + peer + 28;
  bits = marks.covered_first(names);
  auto empty = bits & bits >> 1;
  auto frontend = take(bits), both = take(bits);
  auto rest = names + both + 1;
  auto slashes = marks.covered_second(names) & ~below(frontend & 63);
  auto slash = take(slashes);
  if (both >= 64 || rest >= stop || frontend < 2 || slash < frontend + 2 || slash + 2 > both || names[slash + 1] == '<')
    return false;
  bits = marks.covered_first(rest);
  empty |= bits & bits >> 1;
  auto timing = take(bits), status = take(bits);
  take(bits), take(bits);  // bytes, cookie
  auto cookie = take(bits), termination = take(bits), connections = take(bits);
  auto all = marks.covered_second(rest);
  auto retries = static_cast<unsigned>(std::bit_width(all & below(connections & 63)));  // behind the last slash
  int whole = 0;
  if (empty != 0 || connections >= 57 || rest + connections >= stop || status - timing != 4 ||
      std::memcmp(rest + cookie + 1, "--", 2) != 0 || retries <= termination + 1 ||
      !read_three_digits_and_space(rest + timing + 1, out.status) || out.status == 101 ||
      !quick_timers(rest, timing, all, out.latency, whole))
    return false;
  out.end = begun + std::chrono::milliseconds(whole);
  out.backend = {names + frontend + 1, slash - frontend - 1};
  out.server = {names + slash + 1, both - slash - 1};
  out.termination = {rest + cookie + 1, 2};
  out.redispatched = rest[retries] == '+';
  out.outcome = out.status >= 500 ? Outcome::error : Outcome::answered;
  return true;
}

}  // namespace davy::signals
