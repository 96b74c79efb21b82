// `davy work dump`, `prove`, `restore` and `sweep`: what a run's keeper starts for a step `backup`, and for an undo
// that restores. They may block, and nobody waits for them but the keeper. On their standard output are lines of JSON:
// how far they are, and at the end what was made or why not. Where a database is stands in the environment, as
// DAVY_SOURCE; of a Redis, what else is needed to get in as DAVY_SOURCE_PASSWORD and DAVY_SOURCE_CA.
#pragma once
#include <string>
#include <vector>

#include "backups/copy/keeping.h"

namespace davy::backups {

struct Work {
  std::string kind = "postgres";  // redis, files
  std::string name;               // as the plan calls it; of files, the path
  std::string into, id;           // id: of the copy: of the run and the attempt that made it
  std::string key;                // of the restore, likewise
  std::string format = "custom";  // plain, custom, directory
  bool prove = false, contents = false;
  int keep_copies = 0;
  int keep_days = 0;
  std::vector<std::string> needed;  // runs whose copies are not removed
  std::string scratch = "/var/tmp";
};

// Each answers an exit code: 0; 6 where it was refused and nothing was changed; else 1. All may be repeated: a copy
// with that id which is there, and a restore with that key which was done, are the answer.
int work_dump(const Work&);     // and, where that is wanted, proves it and removes old ones
int work_prove(const Work&);    // the copy with that id
int work_restore(const Work&);  // the same, back into its source
int work_sweep(const Work&);    // what a killed one left behind

}  // namespace davy::backups
