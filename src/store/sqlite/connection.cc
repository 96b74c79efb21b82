#include "store/sqlite/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

namespace davy::store {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kDamaged =
    "copy the state directory away before anything else; then `sqlite3 {} .recover` may save what is in it, or begin "
    "anew with another --state DIR";

bool disk_is_full(int extended, int system) {
  switch (extended & 0xff) {
    case SQLITE_FULL:
      return true;
    case SQLITE_IOERR:  // SHMSIZE: the shared index of the log could not grow, and SQLite keeps no errno of it
      return system == ENOSPC || system == EDQUOT || extended == SQLITE_IOERR_SHMSIZE;
    default:
      return false;
  }
}

struct Told {
  Code code;
  std::string what, hint;
};

Told tell(const SQLite::Exception& e, int system, const std::string& path, std::chrono::milliseconds patience) {
  auto why = system == 0 ? std::string(e.what()) : fmt::format("{}: {}", e.what(), std::strerror(system));
  if (disk_is_full(e.getExtendedErrorCode(), system))
    return {Code::no_space, "the disk is full", "free some room on the disk that holds it"};
  switch (e.getErrorCode() & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return {Code::unavailable, fmt::format("others have kept it locked for {}", human(Duration(patience))),
              fmt::format("`fuser {}` names them; try again", path)};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Code::internal, fmt::format("the file is damaged ({})", e.what()), fmt::format(kDamaged, path)};
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {Code::invalid, why,
              "the state needs a directory that this user may write to: choose one with --state DIR"};
    case SQLITE_IOERR:
      return {Code::internal, why, "the disk may be failing: see `dmesg`"};
    default:
      return {Code::internal, why, ""};
  }
}

}  // namespace

Connection::Connection(const std::string& path, Use use, std::chrono::milliseconds patience)
    : path_(path), patience_(patience), database_(path, SQLite::OPEN_READWRITE | SQLITE_OPEN_NOMUTEX) {
  auto* handle = database_.getHandle();
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_handler(handle, &Connection::wait, this);
  // The writer takes the log back itself, after it has answered: the default would make one append in hundreds wait.
  if (use != Use::read) sqlite3_wal_hook(handle, &Connection::committed, this);
  file_ = file_at(path);
}

Result<> Connection::in_place() const {
  auto there = file_at(path_);
  if (there == file_) return {};
  auto what = there ? "another file lies in its place" : "it was removed";
  return fail(there ? Code::conflict : Code::unavailable,
              fmt::format("writing to {}: {} since this Davy opened it", path_, what),
              "nothing more is written: put the state directory back as it was, then `davy resume`");
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, const Schema& schema, Use use,
                                                     std::chrono::milliseconds patience) {
  if (auto made = make_file(path); !made) return std::unexpected(made.error());
  std::unique_ptr<Connection> connection;
  try {
    connection.reset(new Connection(path, use, patience));
  } catch (const std::exception& e) {
    return fail(Code::invalid, fmt::format("opening {}: {}", path, e.what()), "choose another place with --state DIR");
  }
  // Turning the log on, or finding another process at recovering or removing it, may be busy without a wait.
  auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto ready = connection->attempt("opening", [&] { return connection->set_up(schema, use); });
    if (ready) return connection;
    bool again = ready.error().code == Code::unavailable && std::chrono::steady_clock::now() < until;
    if (!again) return std::unexpected(ready.error());
    std::this_thread::sleep_for(2ms);
  }
}

Result<> Connection::set_up(const Schema& schema, Use use) {
  if (auto ready = upgrade(schema); !ready) return ready;
  auto mode = database_.execAndGet("PRAGMA journal_mode").getString();
  if (mode != "wal") mode = database_.execAndGet("PRAGMA journal_mode=WAL").getString();
  if (mode != "wal")
    return fail(Code::invalid, fmt::format("opening {}: this file system cannot share a write-ahead log", path_),
                "put the state on a local disk with --state DIR");
  database_.exec(use == Use::write_lazy ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL");
  database_.exec("PRAGMA foreign_keys=ON");
  if (use == Use::read) database_.exec("PRAGMA query_only=ON");
  return {};
}

Result<> Connection::upgrade(const Schema& schema) {
  auto version = [this] { return database_.execAndGet("PRAGMA user_version").getInt(); };
  if (version() > 0 && version() < schema.first)
    return fail(Code::invalid,
                fmt::format("opening {}: this state was written by {} (schema {}), in a format that this Davy does not "
                            "read",
                            path_, schema.before, version()),
                "finish the runs that are open in it with that program, or leave them; then begin a new directory with "
                "--state DIR, or move this one away");
  if (version() > schema.version())
    return fail(Code::invalid,
                fmt::format("opening {}: this state was written by a newer Davy (schema {}, this one knows {})", path_,
                            version(), schema.version()),
                "upgrade this Davy, or choose another directory with --state DIR");
  if (version() == schema.version()) return {};
  Transaction transaction(*this, Transaction::Kind::immediate);
  // Read again: another process may have been first.
  for (int at = std::max(version() + 1, schema.first); at <= schema.version(); ++at)
    database_.exec(schema.steps[static_cast<std::size_t>(at - schema.first)]);
  if (version() < schema.version()) database_.exec(fmt::format("PRAGMA user_version={}", schema.version()));
  transaction.commit();
  return {};
}

SQLite::Statement& Connection::prepared(const char* sql) {
  auto it = statements_.find(sql);
  if (it == statements_.end()) it = statements_.try_emplace(sql, database_, sql).first;
  return it->second;
}

// SQLite's own handler backs off to 100 ms, which starves one of two busy processes.
int Connection::wait(void* self, int tries) {
  auto& connection = *static_cast<Connection*>(self);
  auto now = std::chrono::steady_clock::now();
  if (tries == 0) connection.waits_since_ = now;
  if (now - connection.waits_since_ >= connection.patience_) return 0;
  std::this_thread::sleep_for(std::min(tries + 1, 10) * 500us);
  return 1;
}

int Connection::committed(void* self, sqlite3*, const char*, int pages) {
  static_cast<Connection*>(self)->wal_pages_ = pages;
  return SQLITE_OK;
}

void Connection::checkpoint() {
  wal_pages_ = 0;
  sqlite3_wal_checkpoint_v2(database_.getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

Error Connection::explain(std::string_view doing) const {
  auto doing_it = [&](std::string_view what) { return fmt::format("{} {}: {}", doing, path_, what); };
  try {
    throw;
  } catch (const SQLite::Exception& e) {
    bool by_system = (e.getErrorCode() & 0xff) == SQLITE_IOERR || (e.getErrorCode() & 0xff) == SQLITE_CANTOPEN;
    auto told = tell(e, by_system ? sqlite3_system_errno(database_.getHandle()) : 0, path_, patience_);
    return {told.code, doing_it(told.what), told.hint, path_};
  } catch (const std::exception& e) {
    return {Code::internal, doing_it(e.what()), "", path_};
  }
}

// A full disk may have rolled back by itself already.
Transaction::~Transaction() {
  if (!db_.in_transaction()) return;
  try {
    db_.run("ROLLBACK");
  } catch (const SQLite::Exception&) {  // the connection is broken; the next statement says so
  }
}

}  // namespace davy::store
