// One line of HAProxy's traffic log, taken apart without copying. Two formats, raw or behind a syslog header with any
// tag; lines about errors and connections between them are `other`:
//
//   davy1 1795225844763 127.0.0.1 10.1.2.3 shop storefront davy2 0/0/0/2/2 200 126 -- 0 12/12/3/1/0/0 GET "/api/x?y=1"
//   10.0.1.2:33317 [06/Feb/2009:12:14:14.655] shop storefront/davy2 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET
//   /"
//
// The first is Davy's own log-format (field by field in the example's README: `log-format "davy1 %[date(0,ms)] %ci
// %[capture.req.hdr(0)] %f %b %s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %ts %rc %ac/%fc/%bc/%sc/%sq/%bq %HM %{+Q}HU"`), the second
// is `option httplog` (HAProxy 2.6 Configuration Manual, 8.2.3; termination states, 8.5).
#pragma once
#include "signals/traffic/block.h"

namespace davy::signals {

struct HaproxyOptions {
  Duration zone{};      // of httplog's dates, which have none: east of Greenwich
  int release_in = -1;  // httplog: which captured header or cookie value in {…|…} names the release, from 0
  bool operator==(const HaproxyOptions&) const = default;
};

Parsed parse_haproxy(std::string_view text, Request& out, Want = Want::all, const HaproxyOptions& = {});

// `client [date] frontend backend/server 0/0/5007 212 -- 0/0/0/0/3 0/0` ("TCP log format", 8.2.2), whatever stands
// before it. It has no status, so nothing can be said of it.
bool is_tcplog(std::string_view text);

inline constexpr Dividers kHaproxyDividers{' ', '/'};
// The same of each of them; the marks are those of kHaproxyDividers.
void parse_haproxy(std::span<LineRead>, const Marks&, Recent&, Want, const HaproxyOptions&);

// How the letters and the status are read; its own function, since this is where the judgement lies.
Outcome outcome_of(std::string_view termination, int status, bool reached_a_server);

}  // namespace davy::signals
