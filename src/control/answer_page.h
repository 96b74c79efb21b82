// The page on which people answer what a run asks of them: for the team's own proxy, where the plan says `answers:`.
#pragma once
#include <stop_token>

#include "control/runs.h"
#include "io/net/http_server.h"

namespace davy::control {

// What the page says. /TOKEN shows on GET what would be agreed to, and takes the answer on POST alone: who looks into
// mail for others opens links. Whoever has the token answers; nothing else is shown, and nothing without one.
io::HttpSaid answer_page(Runs&, const io::HttpAsked&);

// Serves it where the plan of this run says so, until it is told to stop; returns at once where the plan does not. Of
// several runs that name the same address the first serves all of this state directory, and the next one after it.
// Blocks; `say`: one line, for a log.
void serve_answers(Runs&, const std::string& run, std::stop_token, const std::function<void(const std::string&)>& say);

}  // namespace davy::control
