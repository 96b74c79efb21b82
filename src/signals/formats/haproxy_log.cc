#include "signals/formats/haproxy_log.h"

#include <algorithm>

#include "signals/formats/haproxy_quick.h"
#include "signals/traffic/figures.h"
#include "signals/traffic/scan.h"

namespace davy::signals {
namespace {

// Digits, after an optional sign; `+109` is what HAProxy writes under logasap. `-` alone is -1 as well.
bool number(std::string_view text, std::int64_t& out) {
  if (text == "-" || text == "-1") return out = -1, true;
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  return read_digits(text, out);
}

// The same, quickly, without the sign of logasap.
DAVY_INLINE bool timer(std::string_view text, const char* readable, std::int64_t& out) {
  if (text.size() == 1) return out = text[0] - '0', out >= 0 && out <= 9 ? true : number(text, out);
  return read_few_digits(text, readable, out) || number(text, out);
}

// The first and the last of five numbers with slashes between.
DAVY_INLINE bool first_and_last(std::string_view text, const Marks& marks, std::string_view& first,
                                std::string_view& last) {
  std::size_t begin = 0, end = 0;
  if (text.size() < Marks::kWindow) {
    auto slashes = marks.second(text.data()) & ((std::uint64_t{1} << text.size()) - 1);
    if (std::popcount(slashes) != 4) return false;
    end = static_cast<std::size_t>(std::countr_zero(slashes));
    begin = static_cast<std::size_t>(std::bit_width(slashes));
  } else {
    if (std::ranges::count(text, '/') != 4) return false;
    end = text.find('/'), begin = text.rfind('/') + 1;
  }
  first = {text.data(), end};
  last = {text.data() + begin, text.size() - begin};
  return true;
}

// %TR/%Tw/%Tc/%Tr/%Ta. A client that is slow to send its request is not the server's latency, so TR is left out; what
// lies between is in Ta. The log cuts to milliseconds: what is under one is counted as half.
DAVY_INLINE bool timers(std::string_view text, const Marks& marks, Duration& latency, std::int64_t& whole) {
  std::string_view first, last;
  if (!first_and_last(text, marks, first, last)) return false;
  std::int64_t request = 0, total = 0;
  if (!timer(first, marks.readable(), request) ||
      !(read_few_digits(last, marks.readable(), total) || number(last, total)))
    return false;
  constexpr std::int64_t kLongest = kLongestLatency / std::chrono::milliseconds(1);
  if (total > kLongest || request < 0 || total < 0) [[unlikely]]
    total = std::clamp<std::int64_t>(total, 0, kLongest), request = std::max<std::int64_t>(request, 0);
  whole = total;
  auto ms = total - request;
  latency = ms <= 0 ? Duration(std::chrono::microseconds(500)) : Duration(std::chrono::milliseconds(ms));
  return true;
}

DAVY_INLINE bool status_of(std::string_view text, const char* readable, int& out) {
  if (text.size() == 3 && read_three_digits_and_space(text.data(), out)) return true;  // a space ends the field
  std::int64_t n = 0;
  if (!timer(text, readable, n) || n > 999) return false;
  out = n < 0 ? 0 : static_cast<int>(n);
  return true;
}

DAVY_INLINE bool judge(Request& out, std::string_view backend, std::string_view server, std::string_view termination) {
  if (termination.size() < 2 || server.empty() || backend.empty()) return false;
  out.backend = backend, out.server = server;
  out.termination = termination = termination.substr(0, 2);
  if (out.status == 101) [[unlikely]]
    out.latency = {};                  // of a tunnel it is how long people stayed
  bool reached = server[0] != '<';     // <NOSRV>, <STATS>
  if (reached && termination == "--")  // as nearly all do
    out.outcome = out.status >= 500 ? Outcome::error : Outcome::answered;
  else
    out.outcome = outcome_of(termination, out.status, reached);
  return true;
}

DAVY_INLINE std::string_view between(const char* from, const char* to) {
  return {from, static_cast<std::size_t>(to - from)};
}

// davy1 end peer forwarded frontend backend server timers status bytes tsc redispatched connections method "path"
DAVY_INLINE bool parse_davy(std::string_view text, const Marks& marks, Request& out, Want want, Recent& recent) {
  auto begin = text.data() + 6, stop = text.data() + text.size(), time = begin + 13;
  if (stop - begin < 14 || !recent.milliseconds.read_again(text.data(), out.end.emplace())) [[unlikely]] {
    time = Separators(marks, begin).next();
    if (time >= stop || !recent.milliseconds.read(text.data(), between(begin, time), out.end.emplace())) return false;
  }
  Separators spaces(marks, time + 1);
  auto [peer, forwarded, frontend, backend, server] = spaces.next<5>();  // where fields end
  if (server >= stop) return false;
  spaces.from(server + 1);
  auto [timing, status, bytes, termination, redispatched, connections, method] = spaces.next<7>();
  if (method >= stop) return false;
  if (has(want, Want::client)) {
    auto client = between(peer + 1, forwarded);
    out.client = client.empty() || client == "-" ? between(time + 1, peer) : client;
  }
  std::int64_t ignored = 0;
  if (!timers(between(server + 1, timing), marks, out.latency, ignored) ||
      !status_of(between(timing + 1, status), marks.readable(), out.status))
    return false;
  out.redispatched = termination[1] == '+';
  if (redispatched + 1 == connections) return false;
  auto path = between(method + 1, stop);
  if (!path.starts_with('"')) return false;
  if (has(want, Want::path)) {
    out.method = between(connections + 1, method);
    path.remove_prefix(1);
    out.path = path.ends_with('"') ? path.substr(0, path.size() - 1) : path;  // a long line has lost its end
    if (!number(between(status + 1, bytes), out.bytes)) out.bytes = -1;
  }
  return judge(out, between(frontend + 1, backend), between(backend + 1, server), between(bytes + 1, termination));
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
void read_request(std::string_view text, Request& out, const HaproxyOptions& options) {
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

// 06/Feb/2009:12:14:14.655
DAVY_INLINE bool read_date(std::string_view text, Duration zone, Time& out, Recent& recent) {
  int ms = 0;
  if (text.size() != 24 || text[2] != '/' || text[20] != '.' || !read_three_digits(text.data() + 21, ms) ||
      !recent.dates.read(text.substr(0, 20), zone, out))
    return read_clf_time(text, zone, out);
  out += std::chrono::milliseconds(ms);
  return true;
}

// peer [date] frontend backend/server timers status bytes cookie cookie tsc conns queues {..} "request"
DAVY_INLINE bool parse_httplog(std::string_view text, const Marks& marks, Request& out, Want want,
                               const HaproxyOptions& options, Recent& recent) {
  auto begin = text.data(), stop = begin + text.size();
  Separators spaces(marks, begin);
  auto [peer, date] = spaces.next<2>();  // where fields end
  if (date >= stop) return false;
  spaces.from(date + 1);
  auto [frontend, both] = spaces.next<2>();
  if (both >= stop) return false;
  spaces.from(both + 1);
  auto [timing, status, bytes, cookie, cookie_set, termination, connections] = spaces.next<7>();
  if (connections >= stop) return false;
  if (has(want, Want::client)) {
    auto client = between(begin, peer);
    client = client.substr(0, client.rfind(':'));
    if (client.starts_with('[') && client.ends_with(']')) client = client.substr(1, client.size() - 2);
    out.client = client == "-" ? std::string_view{} : client;
  }
  if (date - peer < 3 || peer[1] != '[' || date[-1] != ']' || between(date + 1, frontend).empty() ||
      between(date + 1, frontend) == "~")
    return false;
  auto slash = find(frontend + 1, both, '/');
  if (slash == both) return false;
  std::int64_t whole = 0;
  if (!timers(between(both + 1, timing), marks, out.latency, whole) ||
      !status_of(between(timing + 1, status), marks.readable(), out.status))
    return false;
  Time begun;  // %tr: of the request's first byte; Ta runs from there
  if (!read_date(between(peer + 2, date - 1), options.zone, begun, recent)) return false;
  out.end = begun + std::chrono::milliseconds(whole);
  auto retries = between(termination + 1, connections);
  auto last = retries.rfind('/');
  if (last == retries.npos) return false;
  out.redispatched = retries.substr(last + 1).starts_with('+');
  if (options.release_in >= 0 || has(want, Want::path)) read_request(between(connections + 1, stop), out, options);
  if (has(want, Want::path) && !number(between(status + 1, bytes), out.bytes)) out.bytes = -1;
  return judge(out, between(frontend + 1, slash), between(slash + 1, both), between(cookie_set + 1, termination));
}

// "[06/Feb/2009:12:14:14.655] ", or the beginning of it at a line's end: other servers write no milliseconds.
bool is_date(std::string_view text) {
  constexpr std::string_view kShape = "[00/Xxx/0000:00:00:00.000] ";
  for (std::size_t i = 0; i < std::min(text.size(), kShape.size()); ++i)
    if (kShape[i] == '0' ? static_cast<unsigned>(text[i] - '0') > 9
                         : kShape[i] != 'X' && kShape[i] != 'x' && kShape[i] != text[i])
      return false;
  return text.size() > 3;
}

// What may follow Davy's word: a number, or nothing where the line was cut off.
bool is_davys(std::string_view rest) {
  return rest.empty() || (rest[0] == ' ' && (rest.size() == 1 || static_cast<unsigned>(rest[1] - '0') <= 9));
}

bool is_client(std::string_view text) { return text.contains(':') || text == "-" || text == "unix"; }

// Behind whatever stands before a line: syslog's header with any tag, a container's runtime, a blank. A line begins
// with Davy's word, or with the client, which has a date behind it. Empty: neither is there.
std::string_view without_prefix(std::string_view text) {
  constexpr std::size_t kFarthest = 400;
  auto davy = text.substr(0, kFarthest).find("davy1");
  if (davy != text.npos && (davy == 0 || text[davy - 1] == ' ') && is_davys(text.substr(davy + 5)))
    return text.substr(davy);
  for (auto at = text.find(" ["); at < kFarthest; at = text.find(" [", at + 1)) {
    if (!is_date(text.substr(at + 1))) continue;
    auto begin = at == 0 ? text.npos : text.rfind(' ', at - 1);
    begin = begin == text.npos ? 0 : begin + 1;
    return is_client(text.substr(begin, at - begin)) ? text.substr(begin) : std::string_view{};
  }
  return {};
}

// Behind the client and its date: the next word, which is left out of what follows.
std::string_view word(std::string_view& text) {
  auto end = std::min(text.find(' '), text.size());
  auto out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

bool is_numbers(std::string_view text, int slashes) {
  return !text.empty() && std::ranges::count(text, '/') == slashes &&
         text.find_first_not_of("0123456789/-+") == text.npos;
}

// What stands beside the requests, whatever their format: `client [date] frontend/bind: SSL handshake failure` (2.6,
// 8.2.5, "Error log format"), and connections (8.2.2, "TCP log format"), which have no status.
bool is_error(std::string_view text) {
  word(text);
  auto date = word(text), where = word(text);
  return date.starts_with('[') && date.ends_with(']') && where.ends_with(':') && where.contains('/');
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

bool is_tcplog(std::string_view text) {
  text = without_prefix(text);
  word(text);
  auto date = word(text), frontend = word(text), both = word(text), timers = word(text), bytes = word(text);
  auto termination = word(text), connections = word(text);
  return date.starts_with('[') && !frontend.empty() && both.contains('/') && is_numbers(timers, 2) &&
         is_numbers(bytes, 0) && termination.size() == 2 && is_numbers(connections, 4);
}

// The first letter says who ended it: S s the server (refused or broke, or its time was over), D the server was found
// down, P the proxy, which with H means that the server's answer was no HTTP; C c the client. The second says when; L
// and D mean that the answer was under way, so its status is the server's own. A tunnel (101) ends as it likes.
Outcome outcome_of(std::string_view termination, int status, bool reached_a_server) {
  char who = termination[0], when = termination[1];
  bool under_way = when == 'D' || when == 'L';
  // SC: the backend has no server; sQ: it had none to spare.
  bool nobody_there = !reached_a_server && (who == 'S' || who == 's') && status >= 500;
  if (nobody_there) return Outcome::unserved;
  if (when == 'Q' || when == 'T' || !reached_a_server) return Outcome::unreached;
  if (who == 'C' || who == 'c') return under_way && status >= 500 ? Outcome::error : Outcome::aborted;
  if (status == 101) return Outcome::answered;
  if (who == 'S' || who == 's' || who == 'D') return Outcome::error;
  if (who == 'P') return when == 'H' ? Outcome::error : Outcome::unreached;
  if (who == 'R' || who == 'I') return Outcome::unreached;
  return status >= 500 ? Outcome::error : Outcome::answered;
}

DAVY_INLINE static Parsed parse_one(std::string_view text, const Marks& marks, Request& out, Want want,
                                    const HaproxyOptions& options, Recent& recent) {
  if (text.empty()) return Parsed::other;
  if (text.back() <= '\r') [[unlikely]]
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == '\0')) text.remove_suffix(1);
  bool davy = text.starts_with("davy1 ");
  if (!davy && !starts_like_httplog(text)) {
    text = without_prefix(text);
    davy = text.starts_with("davy1 ");
    if (text == "davy1") return Parsed::broken;
    if (!davy && text.empty()) return Parsed::other;
  }
  if (!davy && !is_client(text.substr(0, text.find(' ')))) return Parsed::other;
  auto read =
      davy ? parse_davy(text, marks, out, want, recent) : parse_httplog(text, marks, out, want, options, recent);
  if (read) [[likely]]
    return Parsed::line;
  return !davy && (is_error(text) || is_tcplog(text)) ? Parsed::other : Parsed::broken;
}

DAVY_FAST Parsed parse_haproxy(std::string_view text, Request& out, Want want, const HaproxyOptions& options) {
  Recent recent;
  out = kNoRequest;
  return parse_one(text, Marks(kHaproxyDividers, text.data() + text.size()), out, want, options, recent);
}

DAVY_FAST void parse_haproxy(std::span<LineRead> lines, const Marks& marks, Recent& recent, Want want,
                             const HaproxyOptions& options) {
  // What counts need is written for every line, so what the lines before have left need not be wiped away.
  bool counts = want == Want::counts && options.release_in < 0;
  bool quick = counts && !lines.empty() && marks.covers(lines.back().text);
  for (auto& one : lines) {
    if (!counts) one.line = kNoRequest;
    one.parsed = quick && (quick_davy(one.text, marks, one.line, recent) ||
                           quick_httplog(one.text, marks, one.line, options.zone, recent))
                     ? Parsed::line
                     : parse_one(one.text, marks, one.line, want, options, recent);
  }
}

}  // namespace davy::signals
