// A PostgreSQL as a copy: dumped and counted in one snapshot, which a session of ours holds until both are done. A
// count that was taken a moment before or after is simply another number.
#pragma once
#include "backups/copy/shelf.h"
#include "backups/postgres/counting.h"
#include "backups/postgres/programs.h"

namespace davy::backups {

enum class Format { custom, plain, directory };  // directory: by two jobs, each table a file

struct DumpJob {
  std::string id;
  Format format = Format::custom;
  Contents contents = Contents::counted;
};

// Code::refused: not let in; Code::invalid: there is no pg_dump for that server;
// Code::no_space: the disk would be, or was, full. Whatever fails, no copy with that id is there. May be repeated: one
// that is there already is the answer.
Result<Copy> dump(Shelf&, const Place&, const DumpJob&, Progress&);

// What a schema is, as pg_dump says it: the text without comments. In a snapshot, where one is named.
Result<std::string> schema_of(const Programs&, const std::map<std::string, std::string>& environment, bool bare,
                              const std::string& snapshot = {});

}  // namespace davy::backups
