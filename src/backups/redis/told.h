// What a Redis tells of itself and of its data. Pure.
#pragma once
#include <map>
#include <optional>

#include "backups/copy/manifest.h"

namespace davy::backups {

// INFO, as far as a copy needs it.
struct RedisTold {
  std::string version, role, replication;                // replication: its id
  std::int64_t offset = -1;                              // how far its stream of writes is
  std::int64_t memory = 0, most = 0;                     // bytes of its data; those that it may use, 0: any
  bool cluster = false, loading = false, saves = false;  // saves: a child of it writes a file
  std::vector<Keyspace> databases;
  std::int64_t functions = 0;
};
// Code::invalid: it is not Redis's INFO.
Result<RedisTold> redis_told(std::string_view info);

// Why a server with that INFO is not copied; nothing: it can be.
std::optional<Error> not_copied(const RedisTold&);

// What differs, a sentence each.
std::vector<std::string> differences(const std::vector<Keyspace>& source, std::int64_t functions, const RedisTold& now);

// What precedes the dump on a connection that asked for it (SYNC): lines that are empty while it is made, then its
// size.
struct DumpBegins {
  std::size_t skip = 0;    // bytes of the text that are not the dump
  std::int64_t bytes = 0;  // of the dump
};
// Nothing: more is to come first. Code::refused, invalid: why there is none.
Result<std::optional<DumpBegins>> dump_begins(std::string_view text, const std::string& shown);

// The notes at the head of a dump (redis-ver, repl-id, repl-offset …), which end where its data begins or the text
// does. Code::invalid: it is no dump of a Redis.
Result<std::map<std::string, std::string>> dump_notes(std::string_view head);

}  // namespace davy::backups
