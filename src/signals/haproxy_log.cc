#include "signals/haproxy_log.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace davy::signals {
namespace {

// Walks over a line field by field; a field that is not there is empty, and the caller finds that broken.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}
  bool done() const { return at_ == end_; }
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  std::string_view until(char c) {
    auto found = done() ? nullptr : static_cast<const char*>(std::memchr(at_, c, static_cast<std::size_t>(end_ - at_)));
    std::string_view out(at_, static_cast<std::size_t>((found ? found : end_) - at_));
    at_ = found ? found + 1 : end_;
    return out;
  }
  std::string_view field() { return until(' '); }

 private:
  const char *at_, *end_;
};

// Digits, after an optional sign; `+109` is what HAProxy writes under logasap. `-` alone is -1 as well.
bool number(std::string_view text, std::int64_t& out) {
  if (text == "-") return out = -1, true;
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && stop == text.data() + text.size() && out >= -1;
}

// %TR/%Tw/%Tc/%Tr/%Ta. A client that is slow to send its request is not the server's latency, so TR is left out. The
// log cuts to milliseconds: what is under one is counted as half.
bool timers(std::string_view text, Duration& latency) {
  Cursor cursor(text);
  std::int64_t request = 0, total = 0, ignored = 0;
  if (!number(cursor.until('/'), request)) return false;
  for (int i = 0; i < 3; ++i)
    if (!number(cursor.until('/'), ignored)) return false;
  if (!number(cursor.rest(), total)) return false;
  auto ms = std::max<std::int64_t>(total, 0) - std::max<std::int64_t>(request, 0);
  constexpr std::int64_t kLongest = 1000ll * 60 * 60 * 24 * 365;
  latency =
      ms <= 0 ? Duration(std::chrono::microseconds(500)) : Duration(std::chrono::milliseconds(std::min(ms, kLongest)));
  return true;
}

bool status_of(std::string_view text, int& out) {
  std::int64_t n = 0;
  if (!number(text, n) || n > 999) return false;
  out = n < 0 ? 0 : static_cast<int>(n);
  return true;
}

std::string_view without_tls_mark(std::string_view frontend) {
  if (frontend.ends_with('~')) frontend.remove_suffix(1);
  return frontend;
}

bool judge(HaproxyLine& out) {
  if (out.termination.size() < 2 || out.server.empty() || out.backend.empty()) return false;
  out.termination = out.termination.substr(0, 2);
  out.outcome = outcome_of(out.termination, out.status, out.server[0] != '<');  // <NOSRV>, <STATS>
  return true;
}

bool parse_davy(Cursor cursor, HaproxyLine& out) {
  std::int64_t end = 0;
  constexpr std::int64_t kLastYear = 9'000'000'000'000;  // 2255: beyond it nanoseconds do not fit
  if (!number(cursor.field(), end) || end < 0 || end > kLastYear) return false;
  out.end = Time(std::chrono::milliseconds(end));
  auto peer = cursor.field(), forwarded = cursor.field();
  out.client = forwarded.empty() || forwarded == "-" ? peer : forwarded;
  cursor.field();  // frontend
  out.backend = cursor.field();
  out.server = cursor.field();
  if (!timers(cursor.field(), out.latency) || !status_of(cursor.field(), out.status)) return false;
  cursor.field();  // bytes
  out.termination = cursor.field();
  out.redispatched = cursor.field().starts_with('+');
  if (cursor.field().empty()) return false;  // connections
  out.method = cursor.field();
  auto path = cursor.rest();
  if (!path.starts_with('"')) return false;
  path.remove_prefix(1);
  out.path = path.ends_with('"') ? path.substr(0, path.size() - 1) : path;  // a long line has lost its end
  return judge(out);
}

// After the address: [date] frontend backend/server timers status bytes cookie cookie tsc conns queues {..} "request"
bool parse_httplog(std::string_view peer, Cursor cursor, HaproxyLine& out) {
  out.client = peer.substr(0, peer.rfind(':'));
  if (!cursor.until(']').starts_with('[') || !cursor.field().empty()) return false;
  if (without_tls_mark(cursor.field()).empty()) return false;
  out.backend = cursor.until('/');
  out.server = cursor.field();
  if (!timers(cursor.field(), out.latency) || !status_of(cursor.field(), out.status)) return false;
  for (int i = 0; i < 3; ++i) cursor.field();  // bytes, captured cookies
  out.termination = cursor.field();
  auto connections = cursor.field();
  auto retries = connections.rfind('/');
  if (retries == std::string_view::npos) return false;
  out.redispatched = connections.substr(retries + 1).starts_with('+');
  cursor.until('"');  // queues, captured headers
  out.method = cursor.field();
  auto request = cursor.rest();
  out.path = request.substr(0, request.find_first_of(" \""));
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
  Cursor cursor(text);
  cursor.until('>');
  if (!cursor.rest().starts_with("1 ")) {
    auto tag = cursor.rest().find(": ", std::min<std::size_t>(16, cursor.rest().size()));  // after the date's colons
    return tag == std::string_view::npos ? std::string_view{} : cursor.rest().substr(tag + 2);
  }
  for (int i = 0; i < 6; ++i) cursor.field();
  if (cursor.rest().starts_with('[')) cursor.until(']');
  cursor.field();
  return cursor.rest();
}

bool starts_like_an_address(std::string_view text) {
  return !text.empty() && ((text[0] >= '0' && text[0] <= '9') || text[0] == ':' || (text[0] >= 'a' && text[0] <= 'f'));
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

Parsed parse_haproxy(std::string_view text, HaproxyLine& out) {
  out = {};
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == '\0')) text.remove_suffix(1);
  Cursor cursor(text.starts_with("davy1 ") ? text : without_syslog_header(text));
  auto first = cursor.field();
  if (first == "davy1") return parse_davy(cursor, out) ? Parsed::line : Parsed::broken;
  if (!starts_like_an_address(first) || !first.contains(':') || !cursor.rest().starts_with('[')) return Parsed::other;
  return parse_httplog(first, cursor, out) ? Parsed::line : Parsed::broken;
}

}  // namespace davy::signals
