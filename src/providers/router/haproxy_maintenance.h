// HAProxy answers everybody 503 while its map file has an entry that is called like the backend: `add map` and `del
// map` work at run time, without experimental-mode, and a rule can read the map (router/haproxy.h shows it).
#pragma once
#include "providers/router/haproxy_talk.h"

namespace davy::providers::haproxy {

struct Maintenance {
  std::string backend;
  std::string map;  // file; empty: the one that is called davy.map
  Duration retry_after{};
};

// A log-format string of HAProxy prints control characters as %0A, so a page becomes one line.
std::string one_line(std::string page);
std::string base64(std::string_view);

// What `show map FILE` must hold: in this order when switched on, backwards when off; the last entry is the switch.
std::vector<std::pair<std::string, std::string>> entries(const Maintenance&, std::string page);
Commands switched(const Maintenance&, const std::string& file, bool on, const std::string& page,
                  const std::vector<std::pair<std::string, std::string>>& now);

// The text of the file with our entries, or without: HAProxy reads it at a reload.
std::string rewritten(std::string file_text, const Maintenance&, bool on, const std::string& page);

ports::Task<> switch_maintenance(Talk&, Maintenance, bool on, std::string page);

}  // namespace davy::providers::haproxy
