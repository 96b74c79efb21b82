// Folders of alembic and Prisma: told by their files, read with their tables.
#pragma once
#include "migrations/ledger/seen.h"
#include "migrations/runner/session.h"

namespace davy::migrations {

enum class By { sql, alembic, prisma };

struct Place {
  By by = By::sql;
  std::string root;    // where its program runs
  std::string folder;  // where the files lie
};

// Code::invalid: it is no folder, nobody's migrations are in it, or two tools'.
Result<Place> place_of(const std::string& folder);

Result<Seen> look_at_alembic(const Place&, const Where&);
Result<Seen> look_at_prisma(const Place&, const Where&);

// The program as it lies beside the files, else by its name.
std::vector<std::string> program_of(const Place&);

}  // namespace davy::migrations
