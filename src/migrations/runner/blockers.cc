#include "migrations/runner/blockers.h"

#include <fmt/format.h>

#include "base/text.h"
#include "migrations/ledger/statements.h"

namespace davy::migrations {
namespace {

// A prepared transaction has no session: its pid is 0.
constexpr const char* kBlocking = R"(
  select b.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.state, ''),
    coalesce(to_char(coalesce(a.xact_start, a.query_start) at time zone 'UTC', 'HH24:MI:SS'), ''), coalesce(a.query, '')
  from (select distinct unnest(pg_catalog.pg_blocking_pids($1::int)) as pid) b
  left join pg_catalog.pg_stat_activity a on a.pid = b.pid)";

// "Davy", and which lock of ours it is.
constexpr const char* kKey = "1147238009, 1";
constexpr const char* kOwner = R"(
  select l.pid, coalesce(a.application_name, '') from pg_catalog.pg_locks l
  left join pg_catalog.pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'advisory' and l.classid = 1147238009 and l.objid = 1 and l.objsubid = 2 and l.granted
    and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()))";

std::string described(const Cells& row) {
  if (row[0] == "0") return "a prepared transaction (see pg_prepared_xacts)";
  auto who = row[1] + (row[2].empty() ? "" : ", " + row[2]);
  auto does = row[3] + (row[4].empty() ? "" : " since " + row[4]);
  auto query = row[5].starts_with("<insufficient") ? "its query is not ours to see" : without_values(row[5]);
  return printable(fmt::format("pid {} ({}; {}: {})", row[0], who, does, query));
}

}  // namespace

void Observer::look(int pid) {
  if (!session_) {
    auto opened = Session::open(where_);
    if (!opened) return void(seen_ = "somebody who could not be looked at: " + opened.error().error.message);
    session_ = std::move(*opened);
  }
  auto rows = session_->ask(kBlocking, {std::to_string(pid)});
  if (!rows) return session_.reset();
  std::vector<std::string> all;
  for (auto& row : *rows) all.push_back(described(row));
  if (!all.empty()) seen_ = session_->masked(joined(all, ", "));
}

std::string owner_name(const std::string& run, const std::string& host, int pid, Time since) {
  return fmt::format("davy {} on {} pid {} since {}", run.substr(0, 24), host.substr(0, 12), pid, clock_text(since));
}

Asked<Got> try_lock(Session& session) {
  auto got = session.ask(fmt::format("select pg_catalog.pg_try_advisory_lock({})", kKey));
  if (!got) return std::unexpected(got.error());
  return got->front().front() == "t" ? Got::lock : Got::nothing;
}

Asked<std::string> lock_owner(Session& session) {
  auto rows = session.ask(kOwner);
  if (!rows) return std::unexpected(rows.error());
  if (rows->empty()) return "";
  return printable(fmt::format("{} (session {})", rows->front()[1], rows->front()[0]));
}

}  // namespace davy::migrations
