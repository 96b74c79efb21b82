#include "backups/copy/manifest.h"

namespace davy::backups {

std::int64_t Manifest::bytes() const {
  std::int64_t all = 0;
  for (auto& one : files) all += one.bytes;
  return all;
}

std::int64_t Manifest::unpacked() const {
  std::int64_t all = 0;
  for (auto& one : files) all += one.unpacked;
  return all;
}

const File* Manifest::file(std::string_view name) const {
  for (auto& one : files)
    if (one.name == name) return &one;
  return nullptr;
}

}  // namespace davy::backups

namespace davy::spec {

template <>
inline constexpr auto kFields<backups::File> =
    std::tuple{required("name", &backups::File::name, "its name beside the manifest"),
               required("bytes", &backups::File::bytes, "its size"),
               optional("unpacked", &backups::File::unpacked, "its size before it was packed"),
               required("sha256", &backups::File::sha256, "of what lies there"),
               optional("packed", &backups::File::packed, "it is packed by zstd")};
template <>
inline constexpr auto kFields<backups::Table> =
    std::tuple{required("name", &backups::Table::name, "its name, with its schema"),
               required("rows", &backups::Table::rows, "how many there were in the snapshot"),
               optional("hash", &backups::Table::hash, "of their contents")};
template <>
inline constexpr auto kFields<backups::Sequence> =
    std::tuple{required("name", &backups::Sequence::name, "its name, with its schema"),
               optional("before", &backups::Sequence::before, "its last value before the dump"),
               optional("after", &backups::Sequence::after, "its last value after the dump")};
template <>
inline constexpr auto kFields<backups::Counts> =
    std::tuple{optional("tables", &backups::Counts::tables, "rows by table"),
               optional("sequences", &backups::Counts::sequences, "what they said"),
               optional("large-objects", &backups::Counts::large_objects, "how many")};
template <>
inline constexpr auto kFields<backups::Keyspace> =
    std::tuple{required("index", &backups::Keyspace::index, "its number"),
               required("keys", &backups::Keyspace::keys, "how many keys there were"),
               optional("expiring", &backups::Keyspace::expiring, "how many of them expire")};
template <>
inline constexpr auto kFields<backups::Source> =
    std::tuple{optional("database", &backups::Source::database, "its name"),
               optional("at", &backups::Source::at, "host and port of its server"),
               optional("server", &backups::Source::server, "the server's version"),
               optional("tool", &backups::Source::tool, "the program that dumped it"),
               optional("snapshot", &backups::Source::snapshot, "the snapshot that was dumped and counted"),
               optional("lsn", &backups::Source::lsn, "how far the server's log was"),
               optional("encoding", &backups::Source::encoding, "of its texts"),
               optional("collate", &backups::Source::collate, "how it sorts"),
               optional("ctype", &backups::Source::ctype, "what it takes for a letter"),
               optional("icu", &backups::Source::icu, "the locale of ICU, where that sorts"),
               optional("major", &backups::Source::major, "the server's release"),
               optional("bytes", &backups::Source::bytes, "the size of the database on its server")};
template <>
inline constexpr auto kFields<backups::Took> =
    std::tuple{optional("count", &backups::Took::count, "counting in the snapshot"),
               optional("dump", &backups::Took::dump, "dumping it")};
template <>
inline constexpr auto kFields<backups::Manifest> =
    std::tuple{required("davy", &backups::Manifest::davy, "the form of this file"),
               required("kind", &backups::Manifest::kind, "what was copied: postgres, redis, files, sqlite"),
               required("name", &backups::Manifest::name, "as the plan calls it"),
               required("id", &backups::Manifest::id, "of the run and the step that made it"),
               required("made", &backups::Manifest::made, "when"),
               required("format", &backups::Manifest::format, "plain, custom, directory; rdb; tar; sqlite"),
               required("files", &backups::Manifest::files, "what lies beside this"),
               optional("source", &backups::Manifest::source, "of a database: where it came from"),
               optional("counts", &backups::Manifest::counts, "of a database: what was in the snapshot"),
               optional("databases", &backups::Manifest::databases, "of a Redis: those that have keys"),
               optional("functions", &backups::Manifest::functions, "of a Redis: how many"),
               optional("schema", &backups::Manifest::schema, "of a database: SHA-256 of its schema"),
               optional("path", &backups::Manifest::path, "of files: what was copied"),
               optional("entries", &backups::Manifest::entries, "of files: how many files and folders"),
               optional("remarks", &backups::Manifest::remarks, "what people should know of it"),
               optional("took", &backups::Manifest::took, "how long it took")};
template <>
inline constexpr auto kFields<backups::Proof> =
    std::tuple{required("at", &backups::Proof::at, "when"),
               required("where", &backups::Proof::where, "where it was restored"),
               required("manifest", &backups::Proof::manifest, "SHA-256 of the manifest that it is about"),
               optional("contents", &backups::Proof::contents, "contents were compared, not only counted"),
               optional("restore", &backups::Proof::restore, "how long restoring took"),
               optional("compare", &backups::Proof::compare, "how long comparing took"),
               optional("tables", &backups::Proof::tables, "how many were compared"),
               optional("rows", &backups::Proof::rows, "how many were compared")};

// clang-format off
template <> const core::Table& table_of<backups::File>() { return MadeTable<backups::File>::get(); }
template <> const core::Table& table_of<backups::Table>() { return MadeTable<backups::Table>::get(); }
template <> const core::Table& table_of<backups::Sequence>() { return MadeTable<backups::Sequence>::get(); }
template <> const core::Table& table_of<backups::Counts>() { return MadeTable<backups::Counts>::get(); }
template <> const core::Table& table_of<backups::Keyspace>() { return MadeTable<backups::Keyspace>::get(); }
template <> const core::Table& table_of<backups::Source>() { return MadeTable<backups::Source>::get(); }
template <> const core::Table& table_of<backups::Took>() { return MadeTable<backups::Took>::get(); }
template <> const core::Table& table_of<backups::Manifest>() { return MadeTable<backups::Manifest>::get(); }
template <> const core::Table& table_of<backups::Proof>() { return MadeTable<backups::Proof>::get(); }
// clang-format on

}  // namespace davy::spec
