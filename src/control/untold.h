// What people were to be told of a run and were not: looked up in its journal and behind it, where each way has come
// to.
#pragma once
#include "control/runs.h"
#include "notices/notice.h"

namespace davy::control {

struct Untold {
  std::string id, person, event;  // event: its word
  notices::Way way{};
  Time at{};           // when it happened
  bool tried = false;  // somebody lives who tries on
  std::string why;     // it was refused and given up; empty: nobody took it yet
};

// Oldest first; none where the run tells nobody anything.
Result<std::vector<Untold>> untold(Runs&, const std::string& run, const std::vector<view::TimedEvent>&);

std::vector<std::string> in_words(const std::vector<Untold>&, const std::string& run);
spec::Json to_json(const std::vector<Untold>&);

// Whoever told people of an earlier run may have died with the machine: then it is told by this command, from now on,
// for a day after that run's end. What cannot be begun is no reason not to deploy.
void tell_what_was_left(Runs&);

}  // namespace davy::control
