#include "signals/formats/parts.h"

#include <algorithm>
#include <cstring>

#include "signals/traffic/figures.h"
#include "signals/traffic/scan.h"

namespace davy::signals {
namespace {

using namespace std::chrono_literals;

struct Named {
  std::string_view name;
  Part part;
};
// nginx, ngx_http_log_module and "Alphabetical index of variables"; behind them names of Davy's own.
constexpr Named kNames[] = {
    {"remote_addr", Part::client},
    {"http_x_forwarded_for", Part::forwarded},
    {"time_local", Part::time},
    {"time_iso8601", Part::time},
    {"msec", Part::time},
    {"request", Part::request},
    {"request_method", Part::method},
    {"uri", Part::path},
    {"request_uri", Part::path},
    {"host", Part::host},
    {"http_host", Part::host},
    {"status", Part::status},
    {"body_bytes_sent", Part::bytes},
    {"bytes_sent", Part::bytes},
    {"request_time", Part::seconds},
    {"upstream_addr", Part::upstream},
    {"upstream_status", Part::upstream_status},
    {"target_status_code", Part::reached},
    {"upstream_response_time", Part::upstream_seconds},
    {"proxy_host", Part::backend},
    {"client", Part::client},
    {"time", Part::time},
    {"start", Part::start},
    {"method", Part::method},
    {"path", Part::path},
    {"bytes", Part::bytes},
    {"date", Part::date},
    {"clock", Part::clock},
    {"result", Part::result},
    {"grpc_status", Part::grpc},
    {"sent_http_grpc_status", Part::grpc},
    {"sent_trailer_grpc_status", Part::grpc},
    {"upstream_trailer_grpc_status", Part::grpc},
    {"failed", Part::failed},
    {"seconds", Part::seconds},
    {"milliseconds", Part::milliseconds},
    {"microseconds", Part::microseconds},
    {"nanoseconds", Part::nanoseconds},
    {"flags", Part::flags},
    {"server", Part::server},
    {"backend", Part::backend},
    {"release", Part::release},
};

void first(std::string_view& into, std::string_view text) {
  if (into.empty()) into = text;
}

// What stands before an address is not its own: somebody wrote a time, a number or a file's name before each line. A
// bare number is what is left of such a thing, and no client. \xa0 ends a blank that does not break (U+00A0).
std::string_view without_prefix(std::string_view text) {
  if (auto end = text.find_last_of(" \t|\xa0"); end != text.npos) text.remove_prefix(end + 1);
  if (auto comma = text.find(','); comma != text.npos) {  // Traefik hands a list on as it came: the first is the client
    bool list = text.substr(0, comma).find_first_of(".:") != text.npos;
    text = list ? text.substr(0, comma) : text.substr(text.rfind(',') + 1);
  }
  if (auto close = text.rfind(']'); text.starts_with('[') && close + 1 < text.size() && text[close + 1] != ':')
    text.remove_prefix(close + 1);
  auto colon = text.rfind(':');
  bool dotted = colon != text.npos && std::ranges::count(text.substr(colon + 1), '.') == 3;
  if (dotted && !text.starts_with("::")) text.remove_prefix(colon + 1);
  return text.find_first_not_of("0123456789") == text.npos ? std::string_view{} : text;
}

// Envoy and Traefik write the peer with its port; an IPv6 address without brackets has none, but for one of IPv4 that
// is written so (::ffff:192.0.2.1:35606).
std::string_view without_port(std::string_view text) {
  auto address = without_prefix(text);
  if (address.starts_with('[')) return address.substr(1, address.find(']') - 1);
  auto first = address.find(':'), last = address.rfind(':');
  if (first == address.npos || address.starts_with("unix:")) return address;
  bool behind_a_dot = address.substr(0, last).contains('.');
  return first == last || behind_a_dot ? address.substr(0, last) : address;
}

// "https://shop.example:443/cart" as load balancers write it: the path alone.
std::string_view without_origin(std::string_view path) {
  if (path.starts_with('/')) return path;
  auto scheme = path.find("://");
  if (scheme == path.npos || scheme > 8) return path;
  auto slash = path.find('/', scheme + 3);
  return slash == path.npos ? path.substr(path.size()) : path.substr(slash);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// gRPC's status codes, by number, and the status of HTTP that means the same: google/rpc/code.proto, "HTTP Mapping".
struct GrpcStatus {
  std::string_view name;  // without underscores, in small letters
  std::int16_t http;
};
constexpr GrpcStatus kGrpc[] = {{"ok", 200},
                                {"cancelled", 499},
                                {"unknown", 500},
                                {"invalidargument", 400},
                                {"deadlineexceeded", 504},
                                {"notfound", 404},
                                {"alreadyexists", 409},
                                {"permissiondenied", 403},
                                {"resourceexhausted", 429},
                                {"failedprecondition", 400},
                                {"aborted", 409},
                                {"outofrange", 400},
                                {"unimplemented", 501},
                                {"internal", 500},
                                {"unavailable", 503},
                                {"dataloss", 500},
                                {"unauthenticated", 401}};

// "14", "UNAVAILABLE", "Unavailable", "StatusCode.UNAVAILABLE" (Python), "Code(14)" (Go), "14 UNAVAILABLE",
// "UNAVAILABLE: connection refused". Nothing: it is none of them.
std::optional<std::int16_t> http_of_grpc(std::string_view text) {
  for (std::string_view before : {"StatusCode.", "codes.", "Status.", "Code("})
    if (text.starts_with(before)) text.remove_prefix(before.size());
  text = text.substr(0, text.find_first_of(":,( )"));
  std::int64_t number = 0;
  if (read_digits(text, number)) return number < std::ssize(kGrpc) ? std::optional(kGrpc[number].http) : std::nullopt;
  auto same = [&](const GrpcStatus& one) {
    std::size_t at = 0;
    for (char c : text) {
      if (c == '_') continue;
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
      if (at >= one.name.size() || one.name[at++] != c) return false;
    }
    return at == one.name.size();
  };
  auto found = std::ranges::find_if(kGrpc, same);
  return found == std::end(kGrpc) ? std::nullopt : std::optional(found->http);
}

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Go, Python, JavaScript, Ruby and gRPC each have their nothing.
bool says_well(std::string_view text) {
  constexpr std::string_view kWell[] = {"0",         "false", "null",    "none",     "nil", "<nil>",
                                        "undefined", "ok",    "success", "no_error", "no",  "\"\""};
  auto is = [&](std::string_view word) { return std::ranges::equal(text, word, {}, small); };
  bool nothing_inside = (text[0] == '{' || text[0] == '[') && text.find_first_not_of(" \t", 1) == text.size() - 1;
  return nothing_inside || std::ranges::any_of(kWell, is);
}

}  // namespace

Part part_of(std::string_view name) {
  auto found = std::ranges::find(kNames, name, &Named::name);
  return found == std::end(kNames) ? Part::skip : found->part;
}

std::string name_near(std::string_view name) {
  for (auto& known : kNames) {
    auto [a, b] = std::ranges::mismatch(name, known.name);
    std::string_view left(a, name.end()), right(b, known.name.end());
    if (name.size() < 6 || left.empty() || right.empty()) continue;
    auto turned = left.size() > 1 && right.size() > 1 && left[0] == right[1] && left[1] == right[0];
    if ((turned && left.substr(2) == right.substr(2)) || left.substr(1) == right.substr(1) || left.substr(1) == right ||
        left == right.substr(1))
      return std::string(known.name);
  }
  return {};
}

bool is_latency(Part p) {
  return p == Part::seconds || p == Part::decimals || p == Part::milliseconds || p == Part::microseconds ||
         p == Part::nanoseconds || p == Part::length;
}

bool is_moment(Part p) { return p == Part::time || p == Part::start; }

bool same_thing(Part a, Part b) {
  return a == b || (is_latency(a) && is_latency(b)) || (is_moment(a) && is_moment(b)) ||
         (a == Part::upstream && b == Part::server) || (a == Part::server && b == Part::upstream);
}

bool says(Part part, std::string_view text) {
  Request out;
  Time ignored;
  TimeReader times;
  if (is_moment(part)) return read_time(text, {}, ignored);
  return !is_latency(part) || (Draft(out, false, {}, times).take(part, text) && out.latency > Duration{});
}

bool Draft::take_other(Part part, std::string_view text) {
  switch (part) {
    case Part::skip:
    case Part::time:  // these are taken already
    case Part::status:
    case Part::seconds:
      return true;
    case Part::client:
      return first(out_.client, without_port(text)), true;
    case Part::forwarded:
      return out_.client = without_port(text.substr(0, text.find(','))), true;
    case Part::start:
      return moment(text, start_);
    case Part::request:
      return request(text), true;
    case Part::method:
      return first(out_.method, text), true;
    case Part::path:
      return first(out_.path, without_origin(text)), true;
    case Part::host:
      return first(out_.host, text), true;
    case Part::bytes:
      if (out_.bytes < 0 && !read_digits(text, out_.bytes)) out_.bytes = -1;
      return true;
    case Part::milliseconds:
      return latency(text, 1ms);
    case Part::microseconds:
      return latency(text, 1us);
    case Part::nanoseconds:
      return latency(text, 1ns);
    case Part::length:
      return is_digit(text.back()) || text.back() == '.' || latency(text, 1s);
    case Part::upstream:
      return upstreams(text), true;  // a list, or a name
    case Part::upstream_seconds: {
      auto last = text.substr(text.rfind(' ') + 1);
      if (!last.contains('.') || !read_latency_fast(last, 1s, of_upstream_)) of_upstream_ = {};
      return true;
    }
    case Part::flags:
      aborted_ = aborted_ || text == "X" || text.contains("DC");
      asked_ = asked_ || text.contains("UH");  // Envoy: no healthy host in the upstream's cluster
      return first(out_.termination, text), true;
    case Part::server:
      return first(out_.server, text), named_ = true;
    case Part::backend:
      return first(out_.backend, text), asked_ = true;
    case Part::release:
      return first(out_.release, text), true;
    case Part::date:
      return date_ = text.data(), date_size_ = static_cast<std::uint8_t>(std::min<std::size_t>(text.size(), 99)), true;
    case Part::clock:
      return clock_ = text.data(), clock_size_ = static_cast<std::uint8_t>(std::min<std::size_t>(text.size(), 99)),
             true;
    case Part::result:
      return result(text);
    case Part::grpc:
      if (inside_ == kNothing) inside_ = http_of_grpc(text).value_or(kUnknown);
      return true;
    case Part::upstream_status:
      return out_.tried_status = text, true;
    case Part::decimals:
      return !text.contains('.') || latency(text, 1s);
    case Part::failed:
      return failed_ = failed_ || !says_well(text), true;
    case Part::reached:
      return reached_ = reached_ || text != "0", true;
  }
  return false;
}

// HTTP says first whether anybody answered; a log of gRPC alone has no other status.
void Draft::look_inside() {
  if (status_ && (out_.status < 200 || out_.status >= 300)) return;
  if (inside_ == kUnknown) {
    if (!status_) out_.status = 0, status_ = unsaid_ = true;
    return;
  }
  out_.status = inside_, status_ = true;
}

// -1 (AWS, Squid): there was none.
bool Draft::below_zero(std::string_view text) {
  return text.size() > 1 && text[0] == '-' && is_digit(text[1]) &&
         text.find_first_not_of("0123456789.", 1) == text.npos;
}

// "2026-11-21" and "10:00:02" or "10:00:02.123".
bool Draft::moment_of_two() {
  char both[32];
  if (date_size_ != 10 || clock_size_ < 8 || clock_size_ > 18) return false;
  std::memcpy(both, date_, 10);
  both[10] = 'T';
  std::memcpy(both + 11, clock_, clock_size_);
  both[11 + clock_size_] = 'Z';
  return moment({both, std::size_t{12} + clock_size_}, out_.end);
}

bool Draft::result(std::string_view text) {
  auto slash = text.find('/');
  return slash != text.npos && (status_ || status(text.substr(slash + 1)));
}

bool Draft::status_of_another_size(std::string_view text) {
  std::int64_t n = 0;
  if (text.size() == 5 && text.ends_with(".0")) text.remove_suffix(2);  // JSON has one kind of number
  if (text.size() != 3 && text != "-" && text != "0") return false;
  if (text != "-" && !read_digits(text, n)) return false;
  out_.status = static_cast<int>(n), unsaid_ = n == 0;
  return status_ = true;
}

void Draft::request(std::string_view text) {
  auto end = text.data() + text.size();
  auto space = find(text.data(), end, ' ');
  if (space == end) return;
  auto stop = find(space + 1, end, ' ');
  first(out_.method, {text.data(), static_cast<std::size_t>(space - text.data())});
  first(out_.path, without_origin({space + 1, static_cast<std::size_t>(stop - space - 1)}));
}

// "a:80, b:80 : c:80": the last one answered, those before it in its group failed. A name without an address is a group
// of which nobody was up, and then those before it had the request, and failed.
void Draft::upstreams(std::string_view text) {
  auto comma = text.rfind(", "), group = text.rfind(" : ");
  auto at = comma == text.npos ? group : group == text.npos ? comma : std::max(comma, group);
  auto before = at == text.npos ? 0 : at + (at == group ? 3 : 2);
  auto last = text.substr(before);
  first(out_.server, last);
  out_.tried = text.substr(0, before), out_.redispatched = comma != text.npos;
  asked_ = true, reached_ = last.contains(':');
}

}  // namespace davy::signals
