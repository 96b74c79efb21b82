// What stands in a database beside what stands in the folder: what is to be done, and what must not be.
#pragma once
#include <cstdint>

#include "migrations/ledger/folder.h"

namespace davy::migrations {

// A row of the table davy_migrations. One that has not ended is of a file outside a transaction: `done` of its
// statements are, and at `at` (from 1) one began; 0: none did.
struct Row {
  std::string version, name, checksum, run, who, at_time;
  bool up = true;     // the way that goes on, or went
  bool ended = true;  // then it stands
  int done = 0, at = 0;
};

struct Standing {
  std::vector<const Migration*> pending;  // in their order
  std::vector<std::string> applied;       // versions that stand, oldest first
  std::vector<std::string> notes;         // worth telling, and in nobody's way
  std::vector<std::string> faults;        // each a sentence with what to do
  std::string head() const { return applied.empty() ? "" : applied.back(); }
};

// adopted: where nothing was recorded ever, all up to this version stand already; "": none do.
Standing standing(const Folder&, const std::vector<Row>&, const std::string& adopted = "");

// Those of `versions` that the run applied or began, newest first: what its way back takes down. `faults`: those that
// have no way down, or were changed by somebody else since.
struct TakenBack {
  std::vector<const Migration*> down;
  std::vector<std::string> notes, faults;
};
TakenBack taken_back(const Folder&, const std::vector<Row>&, const std::string& run);

}  // namespace davy::migrations
