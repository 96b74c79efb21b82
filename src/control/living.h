// Whether a run lives: looked up on this machine, not concluded from what its journal said last.
#pragma once
#include <optional>

#include "control/runs.h"
#include "io/guard/way_back.h"

namespace davy::control {

struct Life {
  bool begins = false;                  // whoever began it is there, and starts both or waits until it may
  bool engine = false, keeper = false;  // each holds its lock: the kernel gives that back however the process ends
  pid_t engine_pid = 0;                 // 0: it does not say
  bool stopped = false;                 // the engine is there and does nothing (SIGSTOP, a debugger)
  bool armed = false;                   // a way back lies on the disk; a keeper that lives would take it
  std::optional<io::Taking> taking;     // a way back that the keeper takes, or took
  std::string blind;                    // what could not be looked at, and why
  bool driven() const { return begins || (engine && !stopped); }
};

// Asked before its journal is read: an engine that has gone by then has written there why.
Life life_of(const Runs&, const std::string& run);

// When the journal or the samples heard of it last.
Time heard_last(const view::RunView&, const std::vector<view::TimedEvent>&);

// What people must know first about an open run, most urgent first; none when it is driven and nothing stands in the
// way.
std::vector<std::string> alarms(const Life&, const view::RunView&, const std::vector<view::TimedEvent>&);

spec::Json to_json(const Life&);

}  // namespace davy::control
