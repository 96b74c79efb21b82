// A copy back into the Redis that it came from. It never writes into the databases that are used: the copy is loaded
// into free ones of the same server, counted, and takes their places in one transaction (SWAPDB); what stood there is
// kept in those, for a person to flush. Killed at any moment, either all of it happened or nothing, and asked again it
// says which.
#pragma once
#include "backups/redis/scratch.h"

namespace davy::backups {

struct RedisRestored {
  std::string before;  // where what stood there is now: "database 1, database 2"
  Duration restore{}, compare{};
  std::int64_t databases = 0, keys = 0;
  bool already = false;  // an earlier one with this key did it
};

// key: of the run and the copy, so that it does not happen twice. Code::refused: somebody is connected (who, since
// when), or too few databases are free; Code::no_space: both do not fit into its memory; Code::invalid: the copy is
// damaged, or one of another server. It is as it was after every Error but the one that says otherwise.
Result<RedisRestored> restore_redis(const Shelf&, const Copy&, const RedisSource&, const std::string& key,
                                    const std::string& scratch, Progress&);

}  // namespace davy::backups
