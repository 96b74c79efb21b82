// Where an endpoint goes: the server that has its address, a free slot of a server-template, or a server that is added.
// Pure.
#pragma once
#include "providers/router/haproxy_text.h"

namespace davy::providers::haproxy {

struct Layout {
  std::string backend;
  std::string slots;        // prefix of the names of slots; empty: any server in maintenance at a placeholder
  std::string placeholder;  // the address of a slot that is free
  std::string added;        // keywords of `add server`: a default-server line does not reach those
};

bool is_free(const Layout&, const Server&);

// The server of an address, if any; slots that are free and the user's backup servers are none.
const Server* at(const Layout&, const std::vector<Server>&, std::string_view address);

// What brings these addresses into rotation at weight 0; nothing for those that are there in whatever weight.
Commands placed(const Layout&, const std::vector<Server>&, const std::vector<std::string>& addresses);

// Takes an address away after its sessions are over: a server that was added is deleted, a slot is free again, and a
// server that stands in the configuration with an address of its own stays in maintenance.
Commands emptied(const Layout&, const std::vector<Server>&, const Server&);

}  // namespace davy::providers::haproxy
