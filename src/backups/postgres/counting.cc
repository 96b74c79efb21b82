#include "backups/postgres/counting.h"

#include <charconv>

namespace davy::backups {
namespace {

// What an extension made is made by it again.
constexpr const char* kNotOfAnExtension =
    " and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::regclass"
    " and d.objid = c.oid and d.deptype = 'e')";
constexpr const char* kOfPeople =
    " and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'";
constexpr const char* kName = "select quote_ident(n.nspname) || '.' || quote_ident(c.relname)";

std::int64_t number(const std::optional<std::string>& text) {
  std::int64_t out = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), out);
  return out;
}

Result<Session::Rows> named(Session& s, const std::string& more, const std::string& from, const std::string& which) {
  return s.ask(std::string(kName) + more +
               " from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace" + from +
               " where " + which + kOfPeople + kNotOfAnExtension +
               " order by quote_ident(n.nspname) collate \"C\", quote_ident(c.relname) collate \"C\"");
}

// A column may have any name that people give one, and would be taken for the row where that has the same.
constexpr const char* kRow = " davy_whole_row";

Result<Table> count_one(Session& s, const std::string& name, Contents how) {
  auto what = how == Contents::summed
                  ? "select count(*), coalesce(sum(hashtextextended(davy_whole_row::text, 0)::numeric), 0) from only "
                  : "select count(*) from only ";
  auto rows = s.ask(what + name + kRow);
  if (!rows) return std::unexpected(rows.error());
  Table out{.name = name, .rows = number(rows->front().front())};
  if (how == Contents::summed) out.hash = rows->front().at(1);
  return out;
}

}  // namespace

Result<Counts> count(Session& s, Contents how, Progress& progress) {
  auto tables = named(s, "", "", "c.relkind = 'r'");
  if (!tables) return std::unexpected(tables.error());
  Counts out;
  for (auto& row : *tables) {
    auto one = count_one(s, row.front().value_or(""), how);
    if (!one) return std::unexpected(one.error());
    out.tables.push_back(*std::move(one));
    progress.at(static_cast<std::int64_t>(out.tables.size()));
  }
  auto values = last_values(s);
  if (!values) return std::unexpected(values.error());
  for (auto& [name, value] : *values) out.sequences.push_back({name, value, value});
  auto large = s.one("select count(*) from pg_catalog.pg_largeobject_metadata");
  if (!large) return std::unexpected(large.error());
  out.large_objects = number(*large);
  return out;
}

Result<std::vector<std::pair<std::string, std::optional<std::int64_t>>>> last_values(Session& s) {
  auto rows = named(s, ", q.last_value",
                    " join pg_catalog.pg_sequences q on q.schemaname = n.nspname and q.sequencename = c.relname",
                    "c.relkind = 'S'");
  if (!rows) return std::unexpected(rows.error());
  std::vector<std::pair<std::string, std::optional<std::int64_t>>> out;
  for (auto& row : *rows)
    out.emplace_back(row.at(0).value_or(""), row.at(1) ? std::optional(number(row.at(1))) : std::nullopt);
  return out;
}

Result<> note_after(Counts& counts, Session& s) {
  auto values = last_values(s);
  if (!values) return std::unexpected(values.error());
  for (auto& one : counts.sequences)
    for (auto& [name, value] : *values)
      if (name == one.name) one.after = value;
  return {};
}

}  // namespace davy::backups
