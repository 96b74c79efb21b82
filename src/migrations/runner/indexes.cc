#include "migrations/runner/indexes.h"

#include "base/text.h"

namespace davy::migrations {
namespace {

constexpr const char* kBeside = R"(
  select i.indisvalid, i.indrelid = to_regclass($2), format('%I.%I', n.nspname, c.relname) from pg_catalog.pg_class c
  join pg_catalog.pg_index i on i.indexrelid = c.oid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relname = $1 and c.relnamespace = (select relnamespace from pg_catalog.pg_class where oid = to_regclass($2)))";
constexpr const char* kByName =
    "select indisvalid, true, '' from pg_catalog.pg_index where indexrelid = to_regclass($1)";
constexpr const char* kInvalid = R"(
  select i.indexrelid::regclass, i.indrelid::regclass from pg_catalog.pg_index i
  where not i.indisvalid and not exists (select 1 from pg_catalog.pg_stat_progress_create_index p
    where p.index_relid = i.indexrelid or p.relid = i.indrelid) order by 1 limit 100)";

}  // namespace

Asked<IndexStands> look_at(Session& session, const IndexDeed& deed) {
  auto rows = deed.is == IndexDeed::Is::builds ? session.ask(kBeside, {deed.index.name, quoted(deed.table)})
                                               : session.ask(kByName, {quoted(deed.index)});
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return IndexStands{};
  auto& row = rows->front();
  auto is = row[1] != "t" ? IndexIs::elsewhere : row[0] == "t" ? IndexIs::valid : IndexIs::invalid;
  return IndexStands{is, row[2]};
}

Asked<std::vector<std::string>> invalid_indexes(Session& session) {
  auto rows = session.ask(kInvalid);
  if (!rows) return std::unexpected(rows.error());
  std::vector<std::string> out;
  for (auto& row : *rows) out.push_back(printable(row[0] + " on " + row[1]));
  return out;
}

}  // namespace davy::migrations
