// The verb `rehearse`: a recorded deployment, carried through a plan's gates.
#pragma once
#include "control/plan_file.h"
#include "control/recorded/recording.h"
#include "judge/rehearsal.h"

namespace davy::control {

struct Rehearsing {
  std::string recorded;     // recording_of() says what it may be; empty: the newest run
  std::string environment;  // empty: the recorded one
  Sides sides;
  PrometheusRecording prometheus;
};

// What the plan would have decided.
struct Rehearsed {
  Recording recording;
  std::vector<judge::Decision> decisions;
  std::string still;                    // how far it came, where the recording ended first
  Time met{};                           // when the candidate met its first users
  std::uint64_t requests = 0;           // the candidate's
  const judge::Decision* last() const;  // of those that say where it goes
  std::string compared() const;         // "this plan decides 1m 31s earlier"
};

Result<Rehearsed> rehearse(Runs&, const PlanFile&, const Rehearsing&);

std::string_view decision_word(judge::Decision::What);
spec::Json to_json(const Rehearsed&);

}  // namespace davy::control
