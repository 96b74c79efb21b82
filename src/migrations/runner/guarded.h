// A program of somebody else's that migrates: under a lock_timeout, where that reaches the server.
#pragma once
#include "migrations/runner/session.h"

namespace davy::migrations {

struct Guarded {
  std::string pgoptions;  // for its environment; "": nothing to add
  std::string says;       // why there is no lock_timeout, or by what there is one; one sentence
  bool holds = false;     // the server said that it is set
};

// Asks the server, by the same connection string and with the same PGOPTIONS as the program will. A pooler may refuse
// them, or swallow them.
Result<Guarded> guard(const Where&);

struct Foreign {
  std::vector<std::string> argv;
  std::string cwd;
  Guarded guarded;
};
struct ForeignEnd {
  int exit = 0;
  bool locked = false;  // it said that its lock was not to be had in time
  std::string last;     // the last line that it said
};

// To its end; each of its lines goes to `say`. Asked to end, it is asked to, too.
Result<ForeignEnd> carry_out(const Foreign&, const std::function<void(const std::string&)>& say);

}  // namespace davy::migrations
