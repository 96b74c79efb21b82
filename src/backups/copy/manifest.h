// What a copy is: written beside its files, the last of all, so that a copy without one is none.
#pragma once
#include <optional>

#include "spec/fields.h"

namespace davy::backups {

struct File {
  std::string name;
  std::int64_t bytes = 0, unpacked = 0;
  std::string sha256;
  bool packed = true;  // by us; pg_dump packs the files of a directory itself
};

struct Table {
  std::string name;  // schema.name, quoted where that is needed
  std::int64_t rows = 0;
  std::optional<std::string> hash = {};  // of all its rows, whatever their order
};

// A sequence goes on whatever a snapshot sees: what it said before the dump and after it. Nothing: never asked.
struct Sequence {
  std::string name;
  std::optional<std::int64_t> before, after;
};

struct Counts {
  std::vector<Table> tables;  // each list by name
  std::vector<Sequence> sequences;
  std::int64_t large_objects = 0;
};

// One database of a Redis: all its keys, and those of them that expire.
struct Keyspace {
  std::int64_t index = 0, keys = 0, expiring = 0;
};

// Of a server.
struct Source {
  std::string database, server, tool, snapshot, lsn;
  std::string at;                             // host and port: whose database of that name it is
  std::string encoding, collate, ctype, icu;  // how the database was made; icu: its locale where that sorts
  int major = 0;
  std::int64_t bytes = 0;  // the database, with its indexes
};

struct Took {
  Duration count{}, dump{};
};

struct Manifest {
  int davy = 1;        // the form of this file
  std::string kind;    // postgres, redis, files, sqlite
  std::string name;    // as the plan calls it
  std::string id;      // of the run and the step that made it
  std::string made;    // when, as RFC 3339 has it
  std::string format;  // plain, custom, directory; rdb; tar; sqlite
  std::vector<File> files;
  Source source;
  Counts counts;
  std::vector<Keyspace> databases;  // of a Redis, those that have keys
  std::int64_t functions = 0;       // of a Redis
  std::string schema;               // SHA-256 of what pg_dump says of it, without comments
  std::string path;                 // of files: what was copied
  std::int64_t entries = 0;
  std::vector<std::string> remarks;  // for people: what is not in it
  Took took;

  std::int64_t bytes() const;  // of all files
  std::int64_t unpacked() const;
  const File* file(std::string_view name) const;
};

// That a copy was restored and compared.
struct Proof {
  std::string at;        // when
  std::string where;     // "a cluster of its own", "a database of the server", "read back"
  std::string manifest;  // SHA-256 of the manifest that it is about
  bool contents = false;
  Duration restore{}, compare{};
  std::int64_t tables = 0, rows = 0;
};

}  // namespace davy::backups

namespace davy::spec {

// Their tables: manifest.cc
template <OneOf<backups::File, backups::Table, backups::Sequence, backups::Counts, backups::Keyspace, backups::Source,
                backups::Took, backups::Manifest, backups::Proof>
              T>
inline constexpr bool kApart<T> = true;

}  // namespace davy::spec
