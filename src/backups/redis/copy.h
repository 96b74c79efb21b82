// A Redis as a copy: the dump that it would send to a replica (SYNC), all its databases, taken in a moment in which
// writes are held and its keys are counted. Decision 0056.
//
// That the dump is of that very moment is not believed but read: the server's stream of writes has a position, which
// stands in what it told with its counts, and in the dump.
#pragma once
#include "backups/copy/shelf.h"
#include "backups/redis/session.h"
#include "backups/tool/progress.h"

namespace davy::backups {

// Writes are held for a few milliseconds (for as long as the server needs to fork), at most seconds, and are let go
// whatever happens: the server itself ends a hold whose Davy was killed. Code::refused: it lets nobody in, or not so
// far (the command that is not allowed is named); Code::invalid: a replica, a node of a cluster, a Redis before 6.2.
// Whatever fails, no copy with that id is there. May be repeated: one that is there already is the answer.
Result<Copy> copy_redis(Shelf&, const RedisSource&, const std::string& id, Progress&);

}  // namespace davy::backups
