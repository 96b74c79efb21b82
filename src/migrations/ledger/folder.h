// A folder of migrations in SQL: which files there are, in which order, and what is wrong with them. Of `0001_name.sql`
// the file is the way up alone; `0001_name.up.sql` and `0001_name.down.sql` are both ways (either form of the way up
// may stand beside a `.down.sql`). The number is of any length (a time does as well) and compares as a number.
#pragma once
#include "base/error.h"
#include "migrations/ledger/statements.h"

namespace davy::migrations {

struct File {  // as it was read
  std::string name, text;
};

struct Way {
  std::string file, checksum;  // SHA-256, of the text with line ends as on Unix
  std::vector<Statement> statements;
  bool outside = false;  // not in a transaction: its statements are recorded one by one
};

struct Migration {
  std::string version, name;  // "0004", "0004_add_total"
  Way up;
  std::optional<Way> down;
};

struct Folder {
  std::vector<Migration> migrations;  // in their order
  std::vector<std::string> faults;    // each a sentence with what to do; then nothing of it may be carried out
};

// Of the files that end with .sql.
Folder folder_of(std::vector<File>);

// -1, 0, 1: of two numbers of any length.
int compare_versions(std::string_view, std::string_view);

std::string sha256_of(std::string_view);
std::string checksum_of(std::string_view text);  // the same, with line ends as on Unix

}  // namespace davy::migrations
