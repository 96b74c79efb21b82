// The way back, for router/haproxy: as found, and everything to one release. Pure.
#pragma once
#include "ports/router.h"
#include "providers/router/haproxy_place.h"
#include "providers/router/haproxy_shares.h"

namespace davy::providers::haproxy {

// What is to be so. states are said after the raises are proven, before the lowers.
struct Wanted {
  Weights weights;
  Commands states;
  std::vector<std::string> losers;  // addresses whose sessions have to end
};

// Weights and states as `found` tells them. Who loses all users goes to maint, since sticky users ignore weights and
// drain alike. Code::refused when nobody who had users then is up.
Result<Wanted> as_found(const Layout&, const std::vector<Server>& now, const std::vector<ports::Served>& found);

bool has_users(const ports::Served&);

// Everything to the servers with these addresses; `raise` is empty when there are none. Each command says all that must
// be so, the address too, because whoever says them reads no answers and HAProxy may have been restarted in between. A
// server that somebody has taken out stays out, unless all are. `question` is to be asked between the two, and nothing
// lowered while its answer does not match `expect`: one of these servers is up and has users. That, and that no other
// has any (`lacks`), is the proof as well.
struct Home {
  Commands raise, lower;
  std::string question, expect, lacks;  // lacks: empty where there is no other server
};
Home everything_to(const Layout&, const std::vector<Server>& now, const std::vector<std::string>& addresses);

}  // namespace davy::providers::haproxy
