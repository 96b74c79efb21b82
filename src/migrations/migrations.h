// Migrations of a folder against a database, whoever's they are: SQL files (carried out here), alembic's, Prisma's
// (read here, carried out by their own program). It waits and reads the disk, so it lives in `davy work migrate` alone.
#pragma once
#include "migrations/ledger/seen.h"
#include "migrations/runner/guarded.h"
#include "migrations/runner/runner.h"

namespace davy::migrations {

struct Order {
  std::string folder;
  Where where;
  Author author;
  Patience patience = {};
  std::string adopted = {};
  std::vector<std::string> program = {};  // alembic or prisma, where it is not found by itself
  std::string back_to = {};               // of alembic: the revision that stood before; "": none did
  std::function<void(const std::string&)> say = [](auto&) {};
};

// Changes nothing. A fault is no Error: it is among what was seen.
Result<Seen> look(const Order&);

// Code::refused: nothing was changed. Whatever the end, it may be asked for again: it looks first.
Result<> up(const Order&);
Result<> down(const Order&);

}  // namespace davy::migrations
