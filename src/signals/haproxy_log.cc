#include "signals/haproxy_log.h"

#include <algorithm>

#include "signals/figures.h"
#include "signals/scan.h"

namespace davy::signals {
namespace {

// Digits, after an optional sign; `+109` is what HAProxy writes under logasap. `-` alone is -1 as well.
bool number(std::string_view text, std::int64_t& out) {
  if (text == "-" || text == "-1") return out = -1, true;
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  return read_digits(text, out);
}

// The same, quickly, without the sign of logasap.
DAVY_INLINE bool timer(std::string_view text, const char* end, std::int64_t& out) {
  return (text.size() - 1 < 8 && read_few_digits(text, end, out)) || number(text, out);
}

// The first and the last of five numbers with slashes between; where fewer than 32 bytes follow, byte by byte.
DAVY_INLINE bool first_and_last(std::string_view text, const char* end, std::size_t& first, std::size_t& last) {
  if (text.size() <= 32 && end - text.data() >= 32) {
    auto slashes = Vector<std::uint32_t, 32>::mask(text.data(), '/', '/') & ((1ull << text.size()) - 1);
    if (std::popcount(slashes) != 4) return false;
    first = static_cast<std::size_t>(std::countr_zero(slashes));
    last = static_cast<std::size_t>(std::bit_width(slashes));
    return true;
  }
  first = std::min(text.find('/'), text.size());
  last = text.rfind('/') + 1;
  return std::ranges::count(text, '/') == 4;
}

// %TR/%Tw/%Tc/%Tr/%Ta. A client that is slow to send its request is not the server's latency, so TR is left out; what
// lies between is in Ta. The log cuts to milliseconds: what is under one is counted as half.
DAVY_INLINE bool timers(std::string_view text, const char* end, Duration& latency, std::int64_t& whole) {
  std::size_t behind_first = 0, behind_slash = 0;
  if (!first_and_last(text, end, behind_first, behind_slash)) return false;
  std::int64_t request = 0, total = 0;
  std::string_view last(text.data() + behind_slash, text.size() - behind_slash);
  if (!timer({text.data(), behind_first}, end, request) || !timer(last, end, total)) return false;
  constexpr std::int64_t kLongest = kLongestLatency / std::chrono::milliseconds(1);
  whole = std::clamp<std::int64_t>(total, 0, kLongest);
  auto ms = std::clamp<std::int64_t>(whole - std::max<std::int64_t>(request, 0), 0, kLongest);
  latency = ms == 0 ? Duration(std::chrono::microseconds(500)) : Duration(std::chrono::milliseconds(ms));
  return true;
}

DAVY_INLINE bool status_of(std::string_view text, const char* end, int& out) {
  std::int64_t n = 0;
  if (!timer(text, end, n) || n > 999) return false;
  out = n < 0 ? 0 : static_cast<int>(n);
  return true;
}

DAVY_INLINE bool judge(Line& out) {
  if (out.termination.size() < 2 || out.server.empty() || out.backend.empty()) return false;
  out.termination = out.termination.substr(0, 2);
  out.outcome = outcome_of(out.termination, out.status, out.server[0] != '<');  // <NOSRV>, <STATS>
  return true;
}

// Milliseconds since 1970: thirteen digits from 2001 to 2286.
DAVY_INLINE bool read_end(std::string_view text, const char* end, std::optional<Time>& out) {
  constexpr std::int64_t kLastYear = 9'000'000'000'000;  // 2255: beyond it nanoseconds do not fit
  std::int64_t high = 0, low = 0;
  if (text.size() == 13) {
    if (!read_few_digits(text.substr(0, 8), end, high) || !read_few_digits(text.substr(8), end, low)) return false;
  } else if (!read_digits(text, low)) {
    return false;
  }
  auto ms = high * 100'000 + low;
  if (ms > kLastYear) return false;
  out = Time(std::chrono::milliseconds(ms));
  return true;
}

// davy1 end peer forwarded frontend backend server timers status bytes tsc redispatched connections method "path"
DAVY_INLINE bool parse_davy(const Fields& fields, const char* end, Line& out, Want want) {
  if (fields.size() < 15) return false;
  std::int64_t ignored = 0;
  if (!read_end(fields.before_last(1), end, out.end)) return false;
  auto forwarded = fields.before_last(3);
  out.client = forwarded.empty() || forwarded == "-" ? fields.before_last(2) : forwarded;
  out.backend = fields.before_last(5);
  out.server = fields.before_last(6);
  if (!timers(fields.before_last(7), end, out.latency, ignored) || !status_of(fields.before_last(8), end, out.status))
    return false;
  out.termination = fields.before_last(10);
  out.redispatched = fields.before_last(11).starts_with('+');
  if (fields.before_last(12).empty()) return false;
  auto path = fields.from(14);
  if (!path.starts_with('"')) return false;
  if (has(want, Want::path)) {
    out.method = fields.before_last(13);
    path.remove_prefix(1);
    out.path = path.ends_with('"') ? path.substr(0, path.size() - 1) : path;  // a long line has lost its end
    if (!number(fields.before_last(9), out.bytes)) out.bytes = -1;
  }
  return judge(out);
}

// What stands between the queues and the request: {request's|captures} {response's}.
std::string_view capture(std::string_view text, int wanted) {
  for (auto at = text.find('{'); at != text.npos; at = text.find('{')) {
    auto close = text.find('}', at);
    if (close == text.npos) break;
    auto inside = text.substr(at + 1, close - at - 1);
    for (std::size_t bar = 0; bar != inside.npos; inside.remove_prefix(bar == inside.npos ? 0 : bar + 1)) {
      bar = inside.find('|');
      if (wanted-- == 0) return inside.substr(0, bar);
    }
    text.remove_prefix(close + 1);
  }
  return {};
}

// {captured headers} "request"
void read_request(std::string_view text, Line& out, const HaproxyOptions& options) {
  auto quote = text.find('"');
  if (options.release_in >= 0) out.release = capture(text.substr(0, quote), options.release_in);
  auto request = quote == text.npos ? std::string_view{} : text.substr(quote + 1);
  auto end = request.data() + request.size();
  auto space = find(request.data(), end, ' ');
  out.method = {request.data(), static_cast<std::size_t>(space - request.data())};
  if (space == end) return;
  auto stop = find_either(space + 1, end, ' ', '"');
  out.path = {space + 1, static_cast<std::size_t>(stop - space - 1)};
}

// peer [date] frontend backend/server timers status bytes cookie cookie tsc conns queues {..} "request"
DAVY_INLINE bool parse_httplog(const Fields& fields, const char* end, Line& out, Want want,
                               const HaproxyOptions& options) {
  if (fields.size() < 12) return false;
  out.client = fields.before_last(0).substr(0, fields.before_last(0).rfind(':'));
  auto date = fields.before_last(1), both = fields.before_last(3);
  if (!date.starts_with('[') || !date.ends_with(']') || fields.before_last(2).empty() || fields.before_last(2) == "~")
    return false;
  auto slash = static_cast<std::size_t>(find(both.data(), both.data() + both.size(), '/') - both.data());
  if (slash == both.size()) return false;
  out.backend = both.substr(0, slash);
  out.server = both.substr(slash + 1);
  std::int64_t whole = 0;
  if (!timers(fields.before_last(4), end, out.latency, whole) || !status_of(fields.before_last(5), end, out.status))
    return false;
  Time begun;  // %tr: of the request's first byte; Ta runs from there
  if (!read_clf_time(date.substr(1, date.size() - 2), options.zone, begun)) return false;
  out.end = begun + std::chrono::milliseconds(whole);
  out.termination = fields.before_last(9);
  auto retries = fields.before_last(10).rfind('/');
  if (retries == std::string_view::npos) return false;
  out.redispatched = fields.before_last(10).substr(retries + 1).starts_with('+');
  if (options.release_in >= 0 || has(want, Want::path)) read_request(fields.from(11), out, options);
  if (has(want, Want::path) && !number(fields.before_last(6), out.bytes)) out.bytes = -1;
  return judge(out);
}

// `<134>Nov 21 01:56:58 haproxy[123]: …` (RFC 3164) or `<134>1 2026-11-21T… host haproxy 123 - - …` (RFC 5424).
std::string_view without_syslog_header(std::string_view text) {
  if (!text.starts_with('<')) {
    auto tag = text.substr(0, 120).find("]: ");
    return tag != std::string_view::npos && text.substr(0, tag).find("haproxy[") != std::string_view::npos
               ? text.substr(tag + 3)
               : text;
  }
  auto body = text.substr(std::min(text.find('>'), text.size() - 1) + 1);
  if (!body.starts_with("1 ")) {
    auto tag = body.find(": ", std::min<std::size_t>(16, body.size()));  // after the date's colons
    return tag == std::string_view::npos ? std::string_view{} : body.substr(tag + 2);
  }
  Fields fields(body);
  if (fields.size() < 7) return {};
  body = fields.from(6);
  if (body.starts_with('[')) body.remove_prefix(std::min(body.find(']'), body.size() - 1) + 1);
  if (body.starts_with('-')) body.remove_prefix(1);
  return body.starts_with(' ') ? body.substr(1) : body;
}

bool starts_like_an_address(std::string_view text) {
  return !text.empty() && ((text[0] >= '0' && text[0] <= '9') || text[0] == ':' || (text[0] >= 'a' && text[0] <= 'f'));
}

// Behind a syslog header that begins with a date in figures there is no bracket after the first space.
DAVY_INLINE bool starts_like_httplog(std::string_view text) {
  if (!starts_like_an_address(text)) return false;
  auto space = find(text.data(), text.data() + text.size(), ' ') - text.data();
  return static_cast<std::size_t>(space) + 1 < text.size() && text[static_cast<std::size_t>(space) + 1] == '[';
}

}  // namespace

// The first letter says who ended it: S s the server (refused or broke, or its time was over), D the server was found
// down, P the proxy, which with H means that the server's answer was no HTTP; C c the client. The second says when; L
// and D mean that the answer was under way, so its status is the server's own. A tunnel (101) ends as it likes.
Outcome outcome_of(std::string_view termination, int status, bool reached_a_server) {
  char who = termination[0], when = termination[1];
  bool under_way = when == 'D' || when == 'L';
  if (when == 'Q' || when == 'T' || !reached_a_server) return Outcome::unreached;
  if (who == 'C' || who == 'c') return under_way && status >= 500 ? Outcome::error : Outcome::aborted;
  if (status == 101) return Outcome::answered;
  if (who == 'S' || who == 's' || who == 'D') return Outcome::error;
  if (who == 'P') return when == 'H' ? Outcome::error : Outcome::unreached;
  if (who == 'R' || who == 'I') return Outcome::unreached;
  return status >= 500 ? Outcome::error : Outcome::answered;
}

DAVY_FAST Parsed parse_haproxy(std::string_view text, Line& out, Want want, const HaproxyOptions& options) {
  out = kNoLine;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == '\0')) text.remove_suffix(1);
  bool bare = text.starts_with("davy1 ") || starts_like_httplog(text);
  if (!bare) text = without_syslog_header(text);
  Fields fields(text);
  auto first = fields[0];
  auto end = text.data() + text.size();
  if (first == "davy1") return parse_davy(fields, end, out, want) ? Parsed::line : Parsed::broken;
  if (!starts_like_an_address(first) || !first.contains(':') || fields.size() < 2 || !fields[1].starts_with('['))
    return Parsed::other;
  return parse_httplog(fields, end, out, want, options) ? Parsed::line : Parsed::broken;
}

}  // namespace davy::signals
