// Who is asked what, and answers from wherever they were told.
#pragma once
#include "control/steer.h"
#include "io/secrets/answer_token.h"

namespace davy::control {

// An open question to a person.
struct Question {
  ports::RunInfo run;
  std::string operation;  // confirm or approve
  std::string item;       // the step's path, as `davy confirm` and `davy approve` take it
  std::string who;        // as the plan names them
  Time until{};
};

// All open ones of open runs, the run that began first first. as: only those for this person or role, those of a turn
// that is theirs now, too; empty: all.
Result<std::vector<Question>> questions(Runs&, const std::string& as);

// What a token is about, now that it was looked up.
struct Pending {
  io::Answerable asked;
  ports::RunInfo run;
  run::State state;
  run::StepIx step = run::kNone;
  const run::Step& about() const { return state.step(step); }
};

// Code::invalid: no token of this state directory. Code::refused: it is late, was answered already, or the run has
// ended.
Result<Pending> pending(Runs&, const std::string& token);

// The answer of whoever was sent this token, on record as that person, proven. Errors as `pending` has them.
Result<Steered> answer(Runs&, const std::string& token, const std::string& note);

}  // namespace davy::control
