// What is in a database: rows and contents by table, and what its sequences said. In a snapshot, rows are those of the
// snapshot; sequences know none.
#pragma once
#include "backups/copy/manifest.h"
#include "backups/postgres/session.h"
#include "backups/tool/progress.h"

namespace davy::backups {

enum class Contents { counted, summed };  // summed: a hash of all rows, too; it reads every one of them

// Tables of extensions, temporary and foreign ones are not looked at: no dump has them.
Result<Counts> count(Session&, Contents, Progress&);

// By name; nothing: it was never asked for a value.
Result<std::vector<std::pair<std::string, std::optional<std::int64_t>>>> last_values(Session&);

// The sequences of `counts` with what they say now as `after`.
Result<> note_after(Counts&, Session&);

}  // namespace davy::backups
