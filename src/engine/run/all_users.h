// All users of a service to one of its releases.
#pragma once
#include "engine/run/alone.h"
#include "engine/run/operators.h"

namespace davy::engine {

// Whatever the router shows now. Its servers are made known to a router that knows none of them. A Done: they are
// there, or were already; Code::refused: nobody of it is up.
ports::Task<ports::Done> all_users_to(Surroundings&, std::int32_t subject, run::Side, std::vector<ports::Endpoint> all,
                                      Duration grace, ports::Asking);

// Makes the instances of this release that run known to the router.
ports::Task<> attach_living(Surroundings&, std::int32_t subject, std::vector<ports::Endpoint> all, std::string release,
                            ports::Asking);

// Where nobody of the previous release is up and the candidate still runs: better its errors than no answer. It is not
// made known to a router that does not know it any more.
ports::Task<> candidate_serves_meanwhile(Surroundings&, std::int32_t subject);

}  // namespace davy::engine
