// The verbs `steer` and `answer`: a word on a run's desk. One verb in fact: what a run is told, and what it is
// answered, go the same way.
#pragma once
#include "control/runs.h"

namespace davy::control {

// What: hold, resume, abort, rollback, replace, confirm, approve, settle, promote, waive ….
struct Word {
  std::string what, about, note;
  run::Speaker who;
};

struct Steered {
  enum class How {
    answered,    // by the engine: `answer`
    goes_on,     // nobody drove it and that was all it needed, or it does that already
    held_still,  // nobody drove it; now it is driven, and held for what was not answered: `next` may be typed
    taken_back,  // it was done: the run `by` takes it back
  };
  How how = How::answered;
  ports::RunInfo run = {};
  std::string answer = {}, next = {}, by = {};
  bool in_vain = false;         // the answer is that it changed nothing
  bool started_engine = false;  // nobody drove the run
};

// To the run that was named, or the only open one; has it driven, and waits until it was heard. Code::refused when it
// has ended and the word comes too late.
Result<Steered> steer(Runs&, const std::string& run, const Word&);

// Puts a word on the run's desk and waits until it was heard; answers what was answered.
Result<std::string> ask(Runs&, const std::string& run, const Word&);

}  // namespace davy::control
