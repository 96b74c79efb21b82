// An outage: the previous release can serve nobody. A canary would then wait for it for ever, and a way back that moves
// users to it would do harm. Pure.
#pragma once
#include "ports/router.h"

namespace davy::engine {

// The router knows servers of this release and finds none of them up; or it knows none, and none runs either (a
// machine that was rebooted). Servers that it merely lost (a HAProxy restarted without its state) are no outage.
bool is_down(const std::vector<ports::Served>&, const std::vector<ports::Endpoint>&, const run::Release&);

}  // namespace davy::engine
