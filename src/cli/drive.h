// From a plan to a run, and following a run to where it comes.
#pragma once
#include "cli/session.h"

namespace davy::cli {

struct Wish {
  std::string version, environment, who, why;
  std::string serves;  // what a person says serves now, where the newest run does not tell
  bool again = false;
  bool urgent = false;
  std::string replaces;  // an open run, whose candidate is taken back first
};

struct Draft {
  run::Runbook book;
  std::string hash, digest, run;
  bool already_serves = false;
};

// What would be done: reads the journal for what serves now, touches nothing.
Result<Draft> draft(Session&, const Loaded&, const Wish&);

// The run is created, under its locks, and its keeper and engine are started in the background.
Result<> begin(Session&, const Draft&, const Wish&);

// It is created behind the run that it replaces, which hands its locks over when it ends; nothing is started yet.
Result<> stand_behind(Session&, const Draft&, const Wish&);

// A run that was created and that no engine has driven ends as refused, because of this.
void give_up(Session&, const std::string& run, const Error& why);

// An engine drives the run now, or has not quite gone since its end.
bool driven(Session&, const std::string& run);

// An engine drives the run; starts one when the run is open and nobody does: then true.
Result<bool> see_that_it_is_driven(Session&, const std::string& run);

// Shows the run until it ends or holds: redrawn on a terminal, a line per event in a pipe. Ctrl-C asks what to do,
// twice detaches. Answers the exit code.
int follow(Session&, const std::string& run);

// Puts a word on the run's desk and waits until it was heard; prints the answer.
Result<std::string> ask(Session&, const std::string& run, std::string what, std::string about, std::string note,
                        const std::string& as);

// The system's user at a terminal, and who they claim to be.
run::Speaker speaker(const std::string& as);

// Begins a run that takes this ended one back (cli/serving.h says when that is refused), and answers its id.
Result<std::string> take_back(Session&, const ports::RunInfo& done, const run::Speaker&, const std::string& why,
                              run::Data);

}  // namespace davy::cli
