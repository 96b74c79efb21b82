// What the fields of a log say, whatever its format: a field is of a Part, and a Draft makes a Line of what it is
// handed.
#pragma once
#include <string>

#include "signals/figures.h"
#include "signals/line.h"

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
  upstream,          // nginx's list of those that were tried
  upstream_seconds,  // the last one's, where there is no other latency
  flags,             // Apache's %X, Envoy's response flags
  server,
  backend,
  release,
};

constexpr std::uint32_t bit(Part p) { return p == Part::skip ? 0 : std::uint32_t{1} << static_cast<int>(p); }
inline constexpr std::uint32_t kClientParts = bit(Part::client) | bit(Part::forwarded);
inline constexpr std::uint32_t kPathParts =
    bit(Part::request) | bit(Part::method) | bit(Part::path) | bit(Part::host) | bit(Part::bytes);
inline constexpr std::uint32_t kCountParts = ~(kClientParts | kPathParts);
constexpr std::uint32_t parts_of(Want want) {
  return kCountParts | (has(want, Want::client) ? kClientParts : 0) | (has(want, Want::path) ? kPathParts : 0);
}

// Which tokens say who answered, where it is not the format's own way. A name is the format's own for a field
// (`upstream_addr`, `http_x_release`, `%{X-Pod}o` as `sent_http_x_pod`, a JSON key, `capture:0` in httplog) or
// `path:N`, the first N segments of the path.
struct FormatOptions {
  std::string server = {}, release = {}, client = {};
  Duration zone{};  // of dates that have none: east of Greenwich
  bool operator==(const FormatOptions&) const = default;
};

class Draft {
 public:
  // `upstream`: the format says which server had a request, so one without was unreached.
  Draft(Line& out, bool upstream, Duration zone, TimeReader& times)
      : out_(out), times_(times), upstream_(upstream), zone_(zone) {}

  // Empty and `-` say nothing; of several fields for one thing the first that says anything counts. False: it cannot
  // be.
  bool take(Part, std::string_view);

  // False: nothing said the status.
  bool finish();

 private:
  bool moment(std::string_view, std::optional<Time>&);
  bool latency(std::string_view, Duration unit);
  bool status(std::string_view);
  bool upstreams(std::string_view);
  void request(std::string_view);

  Line& out_;
  TimeReader& times_;
  bool upstream_;
  Duration zone_;
  std::optional<Time> start_;
  Duration of_upstream_{};
  bool reached_ = false, aborted_ = false, status_ = false;
};

// Of a web server's status alone: nginx writes 499 where the client closed the connection.
Outcome outcome_of_status(int status, bool reached_a_server);

// What a name of nginx's, or of Davy's own, stands for; skip for all others.
Part part_of(std::string_view name);

bool is_latency(Part);
bool is_moment(Part);
bool same_thing(Part, Part);  // one field is enough for both

}  // namespace davy::signals
