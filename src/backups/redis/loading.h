// The keys of a database, out of a scratch and into another server, one after the other.
#pragma once
#include "backups/redis/session.h"
#include "backups/tool/progress.h"

namespace davy::backups {

// Into the database that `to` has selected. Those that expired meanwhile are not there any more. How many came.
Result<std::int64_t> load_keys(RedisSession& scratch, std::int64_t database, RedisSession& to, Progress&);

// What a scan has found, a step of it. Pure.
struct ScannedKey {
  std::string name, expires;  // expires: when, in milliseconds since 1970; 0: never
  std::string dump = {};      // empty: the answer was full, and it is asked for alone
};
struct Scanned {
  std::string cursor;  // "0": that was the last
  std::vector<ScannedKey> keys;
};
// Code::invalid: it is no answer of ours.
Result<Scanned> scanned(std::string_view answer);

}  // namespace davy::backups
