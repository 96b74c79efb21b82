// Folders and files as a copy: one archive of tar, packed. Its proof is that it reads back to the bit, with as many
// entries as went in.
#pragma once
#include "backups/copy/shelf.h"
#include "backups/tool/progress.h"

namespace davy::backups {

struct FilesJob {
  std::string id, path;
};

// What changes while it is read is copied as it was met, and said. Code::invalid: there is no such path. Whatever
// fails, no copy with that id is there. May be repeated: one that is there already is the answer.
Result<Copy> copy_files(Shelf&, const FilesJob&, Progress&);
Result<Proof> read_back(const Copy&, Progress&);

}  // namespace davy::backups
