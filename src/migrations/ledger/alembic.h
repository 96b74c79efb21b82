// alembic's revisions, read from its files and its table `alembic_version` without alembic.
#pragma once
#include "migrations/ledger/seen.h"

namespace davy::migrations {

struct Revision {
  std::string id, file;
  std::vector<std::string> after;  // down_revision, and depends_on
  std::vector<std::string> down;   // down_revision alone
};
struct Revisions {
  std::vector<Revision> all;
  std::vector<std::string> heads;
  std::vector<std::string> faults;
};

// Of the files *.py in its folder `versions`.
Revisions revisions_of(const std::vector<File>&);

// current: the rows of alembic_version; none where the table is not there.
Seen seen_of(const Revisions&, const std::vector<std::string>& current);

// `script_location` of an alembic.ini, as a path from the folder in which that lies; "": it says none.
std::string script_location(std::string_view ini);

}  // namespace davy::migrations
