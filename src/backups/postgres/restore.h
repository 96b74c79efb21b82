// A copy back into the database that it came from. It never writes into that one: the copy is restored beside it,
// compared, and takes its name in one transaction; the one that stood there keeps all that it has under another name,
// for a person to drop. Killed at any moment, either all of it happened or nothing, and asked again it says which.
#pragma once
#include "backups/copy/shelf.h"
#include "backups/postgres/session.h"
#include "backups/tool/progress.h"

namespace davy::backups {

struct Restored {
  std::string database, before;  // before: what the one that stood there is called now
  Duration restore{}, compare{};
  std::int64_t tables = 0, rows = 0;
  bool already = false;  // an earlier one with this key did it
};

// key: of the run and the attempt, so that it does not happen twice. Code::refused: somebody is connected (who, since
// when), or the role may not make databases; Code::invalid: the copy is damaged, or what came of it is not what was
// copied. The database is as it was after every Error but the one that says otherwise.
Result<Restored> restore(const Copy&, const Place&, const std::string& key, Progress&);

// Who else is connected to a database, a line each: "app (pid 123) from 10.0.0.5, user shop, since 12:03:01".
Result<std::vector<std::string>> connected(Session&, const std::string& database);

}  // namespace davy::backups
