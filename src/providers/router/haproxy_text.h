// HAProxy's runtime API as text: what is said and how the answers read. Pure; the tests compare exact strings.
// Source: management.txt of HAProxy 2.6, chapter 9.3, and what 2.6.12 really answered.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace davy::providers::haproxy {

using Commands = std::vector<std::string>;

struct Server {
  std::string name, address;  // host:port; IPv6 in brackets
  int weight = 0;
  bool maint = false, drain = false;  // what an administrator asked for
  bool up = false;                    // HAProxy would send users there
  bool checked = false;               // it has a health check: without one, up means nothing
  bool backup = false;                // of the user's own: never touched
  int sessions = 0;
  int unchanged = 0;    // seconds since it last went up, down, in or out of maintenance
  std::string check{};  // "L7OK 200", "L4CON": what the last health check found

  bool has_users() const { return weight > 0 && !maint && !drain; }
};

// The question that read() asks, and its answer. Code::invalid when the text is no such answer, or the backend is
// unknown to HAProxy.
std::string look(std::string_view backend);
Result<std::vector<Server>> servers(std::string_view answer, std::string_view backend);

// A slot or a new server gets an address. It must pass a health check first: HAProxy takes a server that leaves
// maintenance for healthy until proven otherwise, so its health is set to down, and the first check that passes raises
// it.
Commands filled(std::string_view backend, const Server& slot, std::string_view address);
Commands added(std::string_view backend, std::string_view name, std::string_view placeholder,
               std::string_view keywords);
std::string weigh(std::string_view backend, std::string_view server, int weight);
std::string state(std::string_view backend, std::string_view server, std::string_view ready_drain_or_maint);
std::string address(std::string_view backend, std::string_view server, std::string_view host_port);
std::string end_sessions(std::string_view backend, std::string_view server);
std::string remove(std::string_view backend, std::string_view server);

// "davy-127.0.0.1:18100": so that a server that Davy added is told from the user's own by its name alone.
std::string added_name(std::string_view address);

// Lines of at most 8 KB (HAProxy's buffer is 16), several commands in each.
std::vector<std::string> lines(const Commands&);

// What of the answer to commands is a complaint, in one line; empty when nothing is.
std::string complaint(std::string_view answer);

// The worker's, from the answer to `show info`; 0: it does not tell.
long pid_of(std::string_view info);

// A map is `key value` entries that rules of the configuration read: `show map` lists them with their files.
struct MapFile {
  std::string file;
  bool used = false;  // some rule reads it
};
std::vector<MapFile> map_files(std::string_view answer_to_show_map);
std::vector<std::pair<std::string, std::string>> map_entries(std::string_view answer_to_show_map_file);

}  // namespace davy::providers::haproxy
