#include "migrations/runner/table.h"

#include <fmt/format.h>

#include "base/text.h"
#include "migrations/ledger/deeds.h"

namespace davy::migrations {
namespace {

Asked<> only_done(Asked<Rows> rows) {
  if (!rows) return std::unexpected(rows.error());
  return {};
}

int number(const std::string& text) { return text.empty() ? 0 : std::atoi(text.c_str()); }

// Whoever may create tables could write a record of what never happened.
Wrong of_somebody_else(const std::string& table, const std::string& owner) {
  return {
      "42501",
      {Code::refused,
       fmt::format("the record of migrations {} belongs to {}, who is neither a superuser nor the database's owner nor "
                   "this role",
                   printable(table), printable(owner)),
       fmt::format("look who made it; where it is right: alter table {} owner to …", table),
       {}}};
}

}  // namespace

Asked<Table> Table::find(Session& session) {
  auto rows = session.ask(
      "select n.nspname, r.rolname, r.rolsuper or r.rolname = current_user or r.oid = d.datdba from "
      "pg_catalog.pg_class c "
      "join pg_catalog.pg_namespace n on n.oid = c.relnamespace join pg_catalog.pg_roles r on r.oid = c.relowner join "
      "pg_catalog.pg_database d on d.datname = pg_catalog.current_database() where c.relname = 'davy_migrations' and "
      "c.relkind = 'r'");
  if (!rows) return std::unexpected(rows.error());
  auto own = session.ask("select coalesce(pg_catalog.current_schema(), '')");
  if (!own) return std::unexpected(own.error());
  auto& schema = own->front().front();
  if (schema.empty())
    return std::unexpected(
        Wrong{"3F000", {Code::invalid, "no schema of this role's search_path is there", "create it, or set it", {}}});
  Table out;
  out.name_ = quoted({schema, "davy_migrations"});
  for (auto& row : *rows) {
    if (row[0] != schema) continue;
    if (row[2] != "t") return std::unexpected(of_somebody_else(out.name_, row[1]));
    out.there_ = true;
  }
  if (out.there_ || rows->empty()) return out;
  return std::unexpected(Wrong{
      "3F000",
      {Code::refused,
       fmt::format("the record of migrations stands in schema {}, and this role looks into {} first",
                   printable(rows->front()[0]), printable(schema)),
       fmt::format("set its search_path; or, where {} is another program's: create table {} (like {} including all)",
                   printable(rows->front()[0]), out.name_, quoted({rows->front()[0], "davy_migrations"})),
       {}}});
}

Asked<> Table::make(Session& session) {
  if (there_) return {};
  auto made = session.run(fmt::format(
      "create table {} (version text primary key, name text not null, checksum text not null, run text not null, who "
      "text not null, began timestamptz not null default now(), ended timestamptz, up boolean not null default true, "
      "done integer not null default 0, at integer not null default 0)",
      name_));
  if (made) there_ = true;
  return made;
}

Asked<std::vector<Row>> Table::rows(Session& session) const {
  std::vector<Row> out;
  if (!there_) return out;
  auto rows = session.ask(fmt::format(
      "select version, name, checksum, run, who, to_char(coalesce(ended, began) at time zone 'UTC', 'YYYY-MM-DD "
      "HH24:MI:SS'), up, ended is not null, done, at from {}",
      name_));
  if (!rows) return std::unexpected(rows.error());
  for (auto& r : *rows)
    out.push_back({r[0], r[1], r[2], r[3], r[4], r[5], r[6] == "t", r[7] == "t", number(r[8]), number(r[9])});
  return out;
}

Asked<> Table::applied(Session& session, const Migration& m, const Author& by) const {
  return only_done(
      session.ask(fmt::format("insert into {} (version, name, checksum, run, who, ended) values ($1, $2, $3, $4, $5, "
                              "pg_catalog.clock_timestamp())",
                              name_),
                  {m.version, m.name, m.up.checksum, by.run, by.who}));
}

// It was there before: no run's way back takes it down.
Asked<> Table::adopted(Session& session, const Migration& m) const { return applied(session, m, {"adopted", ""}); }

Asked<> Table::gone(Session& session, const Migration& m) const {
  return only_done(session.ask(fmt::format("delete from {} where version = $1", name_), {m.version}));
}

Asked<> Table::begin(Session& session, const Migration& m, bool up, const Author& by) const {
  return only_done(session.ask(
      fmt::format(
          "insert into {0} as t (version, name, checksum, run, who, up) values ($1, $2, $3, $4, $5, $6::boolean) "
          "on conflict (version) do update set run = excluded.run, who = excluded.who, up = excluded.up, ended = "
          "null, began = case when t.up = excluded.up and t.ended is null then t.began else now() end, done = "
          "case when t.up = excluded.up and t.ended is null then t.done else 0 end, at = case when t.up = "
          "excluded.up and t.ended is null then t.at else 0 end",
          name_),
      {m.version, m.name, m.up.checksum, by.run, by.who, up ? "true" : "false"}));
}

Asked<> Table::at(Session& session, const Migration& m, std::size_t statement) const {
  return only_done(session.ask(fmt::format("update {} set at = $2::int where version = $1", name_),
                               {m.version, std::to_string(statement)}));
}

Asked<> Table::done(Session& session, const Migration& m, std::size_t statements) const {
  return only_done(session.ask(fmt::format("update {} set done = $2::int, at = 0 where version = $1", name_),
                               {m.version, std::to_string(statements)}));
}

Asked<> Table::ended(Session& session, const Migration& m) const {
  return only_done(
      session.ask(fmt::format("update {} set ended = pg_catalog.clock_timestamp(), at = 0 where version = $1", name_),
                  {m.version}));
}

}  // namespace davy::migrations
