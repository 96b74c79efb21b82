// Copies of data that runs have proven, as their records tell: how long bringing each one back would take. For people:
// nothing is decided by it.
#pragma once
#include "control/runs.h"

namespace davy::control {

struct ProvenCopy {
  std::string name;  // as the plan calls what was copied
  Time at{};         // when it was proven
  Duration restore{}, compare{};
  std::string where;
  bool loaded = false;  // the way back takes another way than the proof, whose time nobody knows
};

// Those of one run, in the order of its steps.
std::vector<ProvenCopy> proven_copies(const std::vector<view::TimedEvent>&);
// "database: way back: restore 8.7s + compare 2.7s, proven 3min ago in a cluster of its own"
// "cache: loaded in 270ms, compared in 8ms, proven 3min ago in a server of its own"
std::string in_words(const ProvenCopy&, Time now);

// Of each backup of a runbook what the last runs have proven of it, and what `keep` cannot remove: lines.
std::vector<std::string> copies_so_far(Runs&, const run::Runbook&);

}  // namespace davy::control
