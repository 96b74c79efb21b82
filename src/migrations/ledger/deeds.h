// What a statement does, as far as the order and the repetition of it go.
#pragma once
#include "migrations/ledger/statements.h"

namespace davy::migrations {

struct Name {
  std::string schema, name;  // as PostgreSQL keeps them; no schema: by the search path
  bool none() const { return name.empty(); }
};

struct IndexDeed {
  enum class Is { none, builds, drops };
  Is is = Is::none;
  Name index, table;  // of one that is dropped no table is known
  bool concurrently = false;
  bool if_not_exists = false;
};
IndexDeed index_deed(const Statement&);

bool outside_only(const Statement&);         // PostgreSQL refuses it inside a transaction
bool opens_transaction(const Statement&);    // BEGIN
bool commits_transaction(const Statement&);  // COMMIT
bool ends_transaction(const Statement&);     // COMMIT, ROLLBACK and the like
bool harmless_twice(const Statement&);       // done again it changes nothing: REINDEX, VACUUM, SET
bool fits_a_transaction(const Statement&);   // known to do in one what it does alone; so its end is recorded in it

// `public."Odd name"`, fit for a statement.
std::string quoted(const Name&);
std::string quoted_name(std::string_view);
std::string quoted_text(std::string_view);

}  // namespace davy::migrations
