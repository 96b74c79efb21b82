// A run is written into the journal.
#pragma once
#include "control/draft.h"
#include "host/beginning.h"

namespace davy::control {

// The run is created, under its locks, and its keeper and engine are started in the background.
Result<> create(Runs&, const Draft&, const Wish&);

// It is created behind the run that it replaces, which hands its locks over when it ends; nothing is started yet.
Result<host::Beginning> create_behind(Runs&, const Draft&, const Wish&);

// A run that was created and that no engine has driven ends as refused, because of this.
void give_up(Runs&, const std::string& run, const Error& why);

// Begins a run that takes this ended one back (control/serving/serving.h says when that is refused), and answers its
// id.
Result<std::string> take_back(Runs&, const ports::RunInfo& done, const run::Speaker&, const std::string& why,
                              run::Data);

}  // namespace davy::control
