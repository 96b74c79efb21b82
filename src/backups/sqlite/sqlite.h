// A file that is a database of SQLite. To copy its bytes while somebody writes is to copy half a transaction, so it is
// copied by SQLite itself, inside the read transaction in which its rows are counted.
#pragma once
#include "backups/copy/shelf.h"
#include "backups/tool/progress.h"

namespace davy::backups {

struct SqliteJob {
  std::string id, path;
};

bool is_sqlite(const std::string& path);

// Whoever writes in WAL mode goes on meanwhile; in another one, they wait. Code::invalid: it is none, or damaged.
// Whatever fails, no copy with that id is there. May be repeated: one that is there already is the answer.
Result<Copy> copy_sqlite(Shelf&, const SqliteJob&, Progress&);

// Unpacked beside the copy, checked by SQLite (`integrity_check`, `foreign_key_check` where the source passed it) and
// counted. What was unpacked is gone when this returns, or is removed by the next.
Result<Proof> prove_sqlite(const Copy&, Progress&);

}  // namespace davy::backups
