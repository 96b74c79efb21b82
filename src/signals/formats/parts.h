// What the fields of a log say, whatever its format: a field is of a Part, and a Draft makes a Line of what it is
// handed.
#pragma once
#include <string>

#include "signals/traffic/figures.h"
#include "signals/traffic/request.h"
#include "signals/traffic/scan.h"

namespace davy::signals {

enum class Part : std::uint8_t {
  skip,
  client,     // the peer
  forwarded,  // the client behind a proxy, first of a list
  time,       // of the answer's end
  start,      // of the request: the end is the latency later
  request,    // "GET /x HTTP/1.1"
  method,
  path,
  host,
  status,
  bytes,
  seconds,
  milliseconds,
  microseconds,
  nanoseconds,
  length,            // of time, where it says its unit: "12ms"; a bare number may be anything, so it says nothing
  upstream,          // nginx's list of those that were tried
  upstream_seconds,  // the last one's, where there is no other latency
  flags,             // Apache's %X, Envoy's response flags
  server,
  backend,
  release,
  date,    // of the answer's end, in UTC, and
  clock,   // its time of day, in a field of its own (W3C)
  result,  // Squid's "TCP_MISS/200"
  grpc,    // gRPC's status, by number or name: its errors come inside a 200
  failed,  // anything but nothing, 0, false, ok and their like: an error of the service's own, whatever the status
  upstream_status,  // those of nginx's list
  decimals,         // seconds where they have a point (nginx writes three decimals); a whole number may be anything
  reached,          // anything but `-` and `0` is said only of a request that a server had
};

constexpr std::uint32_t bit(Part p) { return p == Part::skip ? 0 : std::uint32_t{1} << static_cast<int>(p); }
inline constexpr std::uint32_t kClientParts = bit(Part::client) | bit(Part::forwarded);
inline constexpr std::uint32_t kPathParts =
    bit(Part::request) | bit(Part::method) | bit(Part::path) | bit(Part::host) | bit(Part::bytes);
inline constexpr std::uint32_t kCountParts = ~(kClientParts | kPathParts);
inline constexpr std::uint32_t kWhen = bit(Part::time) | bit(Part::start) | bit(Part::seconds) | bit(Part::decimals) |
                                       bit(Part::milliseconds) | bit(Part::microseconds) | bit(Part::nanoseconds) |
                                       bit(Part::length);
constexpr std::uint32_t parts_of(Want want) {
  return kCountParts | (has(want, Want::client) ? kClientParts : 0) | (has(want, Want::path) ? kPathParts : 0);
}

// A field that is found by its name is that field, whatever stands in it: where it cannot be read, the line does not
// say when it was or how long it took. Among fields that are found by their place such a one is another field.
constexpr bool has_a_name(Part part) { return bit(part) & kWhen; }

// Which tokens say who answered, where it is not the format's own way. A name is the format's own for a field
// (`upstream_addr`, `http_x_release`, `%{X-Pod}o` as `sent_http_x_pod`, a JSON key, `capture:0` in httplog) or
// `path:N`, the first N segments of the path.
struct FormatOptions {
  std::string server = {}, release = {}, client = {};
  Duration zone{};  // of dates that have none: east of Greenwich
  bool operator==(const FormatOptions&) const = default;
};

// Of a web server's status alone: nginx writes 499 where the client closed the connection, AWS 460.
inline Outcome outcome_of_status(int status, bool reached_a_server) {
  if (status == 499 || status == 460) return Outcome::aborted;
  if (!reached_a_server) return Outcome::unreached;
  if (status == 0) return Outcome::untold;
  return status >= 500 ? Outcome::error : Outcome::answered;
}

class Draft {
 public:
  // `upstream`: the format says which server had a request, so one without was unreached.
  Draft(Request& out, bool upstream, Duration zone, TimeReader& times)
      : out_(out), times_(times), upstream_(upstream), zone_(zone) {}

  // Empty and `-` say nothing; of several fields for one thing the first that says anything counts. False: it cannot
  // be.
  DAVY_INLINE bool take(Part part, std::string_view text) {
    if (part == Part::status) return status_ || status(text);
    if (text.empty() || text == "-") return true;
    if (part == Part::time) return moment(text, out_.end);
    if (part == Part::seconds || (part == Part::decimals && text.size() > 1 && text[1] == '.'))
      return latency(text, std::chrono::seconds(1));
    if (part == Part::upstream && one_upstream(text)) return true;
    return take_other(part, text);
  }

  // False: nothing said the status.
  DAVY_INLINE bool finish() {
    if (clock_size_ != 0 && !moment_of_two()) return false;
    if (out_.latency == Duration{}) out_.latency = of_upstream_;
    if (start_ && !out_.end) out_.end = *start_ + out_.latency;
    if (out_.status == 101 || out_.latency >= kLongestLatency) [[unlikely]]
      out_.latency = {};  // of a tunnel it is how long people stayed; so long is a figure that went below zero
    if (inside_ != kNothing) [[unlikely]]
      look_inside();
    // Where the line says whose it is, an upstream that it does not name is no excuse.
    bool reached = reached_ || !upstream_ || named_ || !out_.release.empty();
    out_.outcome = aborted_ ? Outcome::aborted : outcome_of_status(out_.status, reached);
    if (out_.outcome == Outcome::untold && !unsaid_) [[unlikely]]
      out_.outcome = Outcome::aborted;
    if (out_.outcome == Outcome::unreached && out_.status >= 500 && asked_) [[unlikely]]
      out_.outcome = Outcome::unserved;
    if (inside_ == kUnknown && out_.outcome == Outcome::answered && out_.status < 300) [[unlikely]]
      out_.outcome = Outcome::untold;
    if (failed_ && (out_.outcome == Outcome::answered || out_.outcome == Outcome::untold)) [[unlikely]]
      out_.outcome = Outcome::error;
    return status_;
  }

 private:
  bool take_other(Part, std::string_view);
  DAVY_INLINE bool moment(std::string_view text, std::optional<Time>& into) {
    return out_.end || start_ || times_.read(text, zone_, into.emplace()) || (into.reset(), false);
  }
  DAVY_INLINE bool latency(std::string_view text, Duration unit) {
    return out_.latency != Duration{} || read_latency_fast(text, unit, out_.latency) || below_zero(text);
  }
  DAVY_INLINE bool status(std::string_view text) {
    if (text.size() == 3 && read_three_digits(text.data(), out_.status)) return status_ = true;
    return text.empty() || status_of_another_size(text);
  }
  // As nearly always: an address, and no list of them.
  DAVY_INLINE bool one_upstream(std::string_view text) {
    auto end = text.data() + text.size();
    if (has(text.data(), end, ' ') || !has(text.data(), end, ':')) return false;
    if (out_.server.empty()) out_.server = text;
    return reached_ = true;
  }
  void look_inside();
  static bool below_zero(std::string_view);
  bool moment_of_two();
  bool result(std::string_view);
  bool status_of_another_size(std::string_view);
  void upstreams(std::string_view);
  void request(std::string_view);

  Request& out_;
  TimeReader& times_;
  bool upstream_;
  Duration zone_;
  std::optional<Time> start_;
  Duration of_upstream_{};
  const char *date_, *clock_;  // not cleared, as hardly any format has them: clock_size_ says whether they are there
  std::uint8_t date_size_ = 0, clock_size_ = 0;
  bool reached_ = false, aborted_ = false, status_ = false, failed_ = false;
  bool named_ = false, asked_ = false;  // the line names its server by itself; it names a group, or whom it asked
  bool unsaid_ = false;                 // its status is `-` or 0; 000 (nginx, CloudFront): the client did not wait
  static constexpr std::int16_t kNothing = -1, kUnknown = -2;
  std::int16_t inside_ = kNothing;  // the status of HTTP that gRPC's own one means
};

// What a name of nginx's, or of Davy's own, stands for; skip for all others.
Part part_of(std::string_view name);

// The name that this one is but for one letter, or two that changed places; empty: none, or it is one of nginx's own
// that Davy has no use for.
std::string name_near(std::string_view name);

bool is_latency(Part);
bool is_moment(Part);
bool same_thing(Part, Part);  // one field is enough for both

// Whether this text tells what a field of that part is for: a length of time needs its unit, a time must be one.
bool says(Part, std::string_view);

}  // namespace davy::signals
