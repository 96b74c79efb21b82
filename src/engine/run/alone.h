// An outage: the previous release can serve nobody. A canary would then wait for it for ever, and a way back that moves
// users to it would do harm.
#pragma once
#include <map>

#include "ports/clock.h"
#include "ports/router.h"

namespace davy::engine {

// The router knows servers of this release and finds none of them up; or it knows none, and none runs either (a
// machine that was rebooted). Servers that it merely lost (a HAProxy restarted without its state) are no outage.
bool is_down(const std::vector<ports::Served>&, const std::vector<ports::Endpoint>&, const run::Release&);

// Since when a release was found down at each look, and when that was last.
struct DownSince {
  Time first{}, last{};
};
using Down = std::map<std::string, DownSince>;  // by release

// As is_down(), at each look for two seconds: a health check that stumbles is no outage. False at once when somebody is
// up; true at once where it was down at each look for that long already, whoever looked.
ports::Task<bool> stays_down(ports::Router&, ports::Clock&, const std::vector<ports::Endpoint>&, const run::Release&,
                             const ports::Asking&, Down&);

}  // namespace davy::engine
