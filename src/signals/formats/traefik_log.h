// Traefik's access log in its default format, `common`: the Common Log Format with more behind it. A reader of its own,
// for what is not there is a bare dash without quotes, and quotes inside of quotes are not escaped.
//
//   10.0.0.9 - - [21/Nov/2026:10:00:02 +0000] "GET /x HTTP/1.1" 200 12 "-" "-" 5 "shop@docker" "http://10.1.0.3:80"
//   22ms
//
// (Traefik, "Access Logs": client, user, [start], "request", status, size, "referrer", "user agent", number of requests
// since it started, "router", "server's URL", duration in milliseconds.)
#pragma once
#include "signals/formats/parts.h"
#include "signals/traffic/block.h"

namespace davy::signals {

class TraefikLog {
 public:
  Parsed parse(std::string_view, Request&, Want = Want::all) const;
  bool operator==(const TraefikLog&) const = default;
};

}  // namespace davy::signals
