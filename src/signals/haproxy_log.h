// One line of HAProxy's traffic log, taken apart without copying. Two formats, raw or behind a syslog header:
//
//   davy1 1795225844763 127.0.0.1 10.1.2.3 shop storefront davy2 0/0/0/2/2 200 126 -- 0 12/12/3/1/0/0 GET "/api/x?y=1"
//   10.0.1.2:33317 [06/Feb/2009:12:14:14.655] shop storefront/davy2 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET
//   /"
//
// The first is Davy's own log-format (field by field in the example's README: `log-format "davy1 %[date(0,ms)] %ci
// %[capture.req.hdr(0)] %f %b %s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %ts %rc %ac/%fc/%bc/%sc/%sq/%bq %HM %{+Q}HU"`), the second
// is `option httplog` (HAProxy 2.6 Configuration Manual, 8.2.3; termination states, 8.5).
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace davy::signals {

// What became of a request, as far as a release is concerned.
enum class Outcome {
  answered,   // by the server, with `status`
  error,      // 5xx of the server, or its refusal, break or time-out
  aborted,    // the client went away first: the status is not the server's word
  unreached,  // no server had it: denied, redirected, queued in vain, no server there
};

// Views into the line. Numbers that the log has not (-1, or `-`) are zero.
struct HaproxyLine {
  std::optional<Time> end;  // of the answer; httplog's time has no zone and is not read
  std::string_view client;  // the forwarded address where there is one, else the peer's, without its port
  std::string_view backend, server;
  std::string_view method, path;  // the path with its query
  std::string_view termination;   // two letters
  int status = 0;
  Duration latency{};         // from the whole request to the end of the answer; an abort's is its wait
  bool redispatched = false;  // another server had it first and failed; the log does not say which
  Outcome outcome = Outcome::answered;
};

// `other`: HAProxy's own messages, which share the socket ("Server shop/davy1 is DOWN"). `broken`: cut off or garbled.
enum class Parsed { line, other, broken };

Parsed parse_haproxy(std::string_view text, HaproxyLine& out);

// How the letters and the status are read; its own function, since this is where the judgement lies.
Outcome outcome_of(std::string_view termination, int status, bool reached_a_server);

}  // namespace davy::signals
