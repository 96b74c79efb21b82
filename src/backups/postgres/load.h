// A copy into an empty database, and whether what came of it is what was copied.
#pragma once
#include "backups/copy/shelf.h"
#include "backups/postgres/counting.h"
#include "backups/postgres/programs.h"

namespace davy::backups {

struct Target {
  Place place;
  Programs programs;
  bool own = false;  // a server of ours: in one transaction, which it need not log, and nothing of our environment
};

// Code::invalid: the copy is damaged, or the server takes it not as it is. What is in the database then is worth
// nothing.
Result<> load(const Copy&, const Target&, Progress&);

// The text of a schema, into an empty database.
Result<> load_schema(const Copy&, const Target&, Progress&);

// Roles and what they may do, into a server that has none.
Result<> load_roles(const Copy&, const Target&, Progress&);

// What differs, a sentence each. `reference` answers an empty database, which is asked for only where the schema's text
// is another: PostgreSQL writes some conditions otherwise once they were loaded, and then what was copied is loaded
// there, and compared with that.
Result<std::vector<std::string>> compared(const Copy&, const Target&, const std::function<Result<Target>()>& reference,
                                          Progress&);

}  // namespace davy::backups
