#include "backups/postgres/restore.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "backups/copy/packing.h"
#include "backups/postgres/load.h"
#include "backups/postgres/scratch.h"
#include "base/text.h"

namespace davy::backups {
namespace {

constexpr std::size_t kLongestName = 63;  // of a database, in bytes
constexpr auto kMoment = std::chrono::seconds(5);
constexpr auto kAgain = std::chrono::milliseconds(100);

// Room is made in what people called it, not in what tells them apart.
std::string named(const std::string& database, const char* what, const std::string& key) {
  auto tail = fmt::format("_{}_{}", what, sha256_of_text(key).substr(0, 8));
  return database.substr(0, kLongestName - tail.size()) + tail;
}

class Restoring {
 public:
  Restoring(const Copy& copy, const Place& place, const std::string& key, Progress& progress, Session server)
      : copy_(copy), place_(place), progress_(progress), server_(std::move(server)) {
    out_.database = copy.manifest.source.database;
    new_ = named(out_.database, "restoring", key), out_.before = named(out_.database, "before", key);
    reference_ = named(out_.database, "reference", key);
  }

  Result<Restored> go() {
    auto done = exists(out_.before), there = exists(out_.database);
    if (!done || !there) return std::unexpected((done ? there : done).error());
    if (*done && *there) return out_.already = true, out_;
    if (!*there) return fail(Code::invalid, "there is no database " + out_.database + " to be restored");
    auto went = beside();
    if (went) went = swap();
    (void)drop(reference_);
    if (went) return out_;
    if (!drop(new_)) went.error().message += fmt::format("; the database {} may be left behind", new_);
    return std::unexpected(went.error());
  }

 private:
  Result<bool> exists(const std::string& database) {
    auto found = server_.one("select count(*) from pg_database where datname = $1", {database});
    if (!found) return std::unexpected(found.error());
    return *found != "0";
  }
  Result<> drop(const std::string& database) {
    return server_.run("drop database if exists " + server_.name(database) + " with (force)");
  }

  // Who only looks in (a signal of the plan, a monitor) is gone in a moment.
  Result<> nobody_is_connected() {
    for (auto last = std::chrono::steady_clock::now() + kMoment;; std::this_thread::sleep_for(kAgain)) {
      auto who = connected(server_, out_.database);
      if (!who) return std::unexpected(who.error());
      if (who->empty()) return {};
      if (std::chrono::steady_clock::now() < last) continue;
      return fail(Code::refused,
                  fmt::format("{} is in use by {}{}; it is as it was", out_.database, who->front(),
                              who->size() > 1 ? fmt::format(" and {} more", who->size() - 1) : ""),
                  "stop what uses it");
    }
  }

  // With all that belongs to a database and is in no dump of it.
  Result<> make(const std::string& database) {
    if (auto gone = drop(database); !gone) return gone;
    auto as = server_.ask(
        "select r.rolname, t.spcname, d.datconnlimit from pg_database d join pg_roles r on r.oid = d.datdba"
        " join pg_tablespace t on t.oid = d.dattablespace where datname = $1",
        {out_.database});
    if (!as) return std::unexpected(as.error());
    auto at = [&](std::size_t i) { return as->at(0).at(i).value_or(""); };
    // Who may make databases may not name the default one, where they lie anyway.
    auto where = at(1) == "pg_default" ? "" : " tablespace " + server_.name(at(1));
    return server_.run(fmt::format("create database {} owner {}{} connection limit {}{}", server_.name(database),
                                   server_.name(at(0)), where, at(2), made_like(server_, copy_.manifest.source)));
  }

  // A list of names is told name by name: in one text it would be one name. pg_dump does the same
  // (variable_is_guc_list_quote); such a list stands as it was said, `app, "My Schema"`.
  std::string setting(const std::string& name, const std::string& value) const {
    constexpr std::string_view kLists[] = {"search_path",
                                           "temp_tablespaces",
                                           "local_preload_libraries",
                                           "session_preload_libraries",
                                           "shared_preload_libraries",
                                           "unix_socket_directories"};
    if (std::ranges::find(kLists, name) == std::end(kLists) || trimmed(value).empty()) return server_.text(value);
    return value;
  }

  Result<> same_settings() {
    auto differ = server_.one(
        "select count(*) from (select setrole, unnest(setconfig) c from pg_db_role_setting s join pg_database d on "
        "d.oid ="
        " s.setdatabase where d.datname = $1 except select setrole, unnest(setconfig) from pg_db_role_setting s join"
        " pg_database d on d.oid = s.setdatabase where d.datname = $2) x",
        {out_.database, new_});
    if (!differ) return std::unexpected(differ.error());
    if (*differ == "0") return {};
    return fail(Code::invalid, "the settings of the database could not be taken over: it is as it was");
  }

  Result<> take_settings() {
    auto rows = server_.ask(
        "select coalesce('role ' || quote_ident(r.rolname) || ' in ', '') || 'database ' as whose,"
        " split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)"
        " from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase left join pg_roles r on r.oid = "
        "s.setrole,"
        " unnest(s.setconfig) c where d.datname = $1",
        {out_.database});
    if (!rows) return std::unexpected(rows.error());
    for (auto& row : *rows) {
      auto name = row.at(1).value_or("");
      auto set = fmt::format("alter {}{} set {} = {}", row.at(0).value_or(""), server_.name(new_), server_.name(name),
                             setting(name, row.at(2).value_or("")));
      if (auto went = server_.run(set); !went) return went;
    }
    if (auto same = same_settings(); !same) return same;
    return take_rights();
  }

  Result<> take_rights() {
    auto rows = server_.ask(
        "select a.privilege_type, case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end,"
        " a.is_grantable from pg_database d, aclexplode(d.datacl) a where d.datname = $1",
        {out_.database});
    if (!rows || rows->empty()) return rows ? Result<>() : std::unexpected(rows.error());
    if (auto went = server_.run("revoke all on database " + server_.name(new_) + " from public"); !went) return went;
    for (auto& row : *rows) {
      auto grant = fmt::format("grant {} on database {} to {}{}", row.at(0).value_or(""), server_.name(new_),
                               row.at(1).value_or(""), row.at(2) == "t" ? " with grant option" : "");
      if (auto went = server_.run(grant); !went) return went;
    }
    return {};
  }

  Result<> beside() {
    if (auto sums = check_sums(copy_); !sums) return sums;
    if (auto alone = nobody_is_connected(); !alone) return alone;
    auto programs = to_dump(server_.server_version() / 10'000, found_programs());
    if (!programs) return std::unexpected(programs.error());
    if (auto made = make(new_); !made) return made;
    Target to{place_.at(new_), *programs};
    auto began = io::boot_time();
    if (auto loaded = load(copy_, to, progress_); !loaded) return loaded;
    out_.restore = io::boot_time() - began, began = io::boot_time();
    auto reference = [&]() -> Result<Target> {
      if (auto made = make(reference_); !made) return std::unexpected(made.error());
      return Target{place_.at(reference_), *programs};
    };
    auto differs = compared(copy_, to, reference, progress_);
    out_.compare = io::boot_time() - began;
    if (!differs) return std::unexpected(differs.error());
    if (!differs->empty()) return fail(Code::invalid, "what was restored is not what was copied: " + differs->front());
    for (auto& table : copy_.manifest.counts.tables) ++out_.tables, out_.rows += table.rows;
    return take_settings();
  }

  // Who connected meanwhile makes it fail as a whole.
  Result<> swap() {
    progress_.stage("swap");
    auto text = fmt::format("begin; alter database {0} rename to {2}; alter database {1} rename to {0}; commit",
                            server_.name(out_.database), server_.name(new_), server_.name(out_.before));
    for (auto last = std::chrono::steady_clock::now() + kMoment;; std::this_thread::sleep_for(kAgain)) {
      if (auto alone = nobody_is_connected(); !alone) return alone;
      auto went = server_.run(text);
      if (went) return went;
      (void)server_.run("rollback");
      if (went.error().code != Code::refused || std::chrono::steady_clock::now() >= last) return went;
    }
  }

  const Copy& copy_;
  const Place& place_;
  Progress& progress_;
  Session server_;
  Restored out_;
  std::string new_, reference_;
};

// A session that is not in the database itself, since that one is to be renamed.
Result<Session> beside_it(const Place& place, const std::string& database) {
  std::optional<Error> first;
  for (auto other : {"postgres", "template1"}) {
    if (database == other) continue;
    auto session = Session::open(place.at(other));
    if (session) return session;
    if (!first) first = session.error();
  }
  return std::unexpected(*first);
}

}  // namespace

Result<Restored> restore(const Copy& copy, const Place& place, const std::string& key, Progress& progress) {
  auto& own = copy.manifest.source.database;
  auto named = place.settings().find("dbname");
  if (named != place.settings().end() && named->second != own)
    return fail(Code::invalid, fmt::format("the copy is one of {}, and the address that of {}", own, named->second));
  auto server = beside_it(place, copy.manifest.source.database);
  if (!server) return std::unexpected(server.error());
  return Restoring(copy, place, key, progress, *std::move(server)).go();
}

Result<std::vector<std::string>> connected(Session& s, const std::string& database) {
  auto rows = s.ask(
      "select coalesce(nullif(application_name, ''), 'a client'), pid, coalesce(host(client_addr), 'this machine'),"
      " coalesce(usename::text, '?'), to_char(backend_start at time zone 'UTC', 'HH24:MI:SS')"
      " from pg_stat_activity where datname = $1 and pid <> pg_backend_pid() and usename is not null"  // nobody's: the
                                                                                                       // server
      " and coalesce(backend_type, 'client backend') = 'client backend' order by backend_start",
      {database});
  if (!rows) return std::unexpected(rows.error());
  std::vector<std::string> out;
  for (auto& row : *rows)
    out.push_back(
        printable(fmt::format("{} (pid {}) from {}, user {}, since {}", row[0].value_or(""), row[1].value_or(""),
                              row[2].value_or(""), row[3].value_or(""), row[4].value_or(""))));
  return out;
}

}  // namespace davy::backups
