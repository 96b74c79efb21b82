// Between two steps, routers are kept as they were left.
#pragma once
#include "engine/run/operators.h"
#include "run/state.h"

namespace davy::engine {

// At the start, before anything is done: how each router stands, and what it forgot while nobody looked is put back,
// unless a retreat is bringing users home or the guard has moved them. False: one does not answer, or does not do it.
asio::awaitable<bool> know_routers(ports::Guard&, Operators&, const run::State&);

// Until cancelled. Asks routers that are not known until they are: before that no line belongs to anybody, and an
// engine that began while one was away would judge nothing and think that all is well. Then looks as often as the most
// forgetful router may forget, and puts back what it lost: nobody else notices that HAProxy was restarted, and until
// somebody does every answer may be a 503. Leaves alone what the keeper moved (the run will hear of it), users whom a
// retreat is bringing home, and, while the run is held, what people changed. tell: that nobody is up any more of a
// candidate that has users, or where users are who were taken away from it.
asio::awaitable<void> keep_routers(ports::Clock&, ports::Guard&, Operators&, const run::State&, bool known,
                                   std::function<void(run::Input)> tell);

// What routers forgot is put back, tried for a minute and a half where one does not answer; then the Error of the last
// try. Before the end of a run.
ports::Task<> leave_routers(ports::Clock&, ports::Guard&, Operators&);

}  // namespace davy::engine
