// Whether what was restored is what was dumped. Pure.
#pragma once
#include "backups/copy/manifest.h"

namespace davy::backups {

// What differs, a sentence each; none: it is the same. An empty table is right where the source's was empty. Contents
// are compared where both sides have them. A sequence has to stand between what it said before the dump and after it.
std::vector<std::string> differences(const Counts& source, const Counts& restored);

// What pg_dump -s says, without what differs from one dump to the next: comments, and psql's own commands.
std::string without_comments(std::string_view schema);

}  // namespace davy::backups
