// One SQLite connection as the store wants it: the right pragmas, cached statements, and every failure as an Error.
#pragma once
#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "store/sqlite/schema.h"
#include "store/state_directory.h"

namespace davy::store {

// One execution of a cached statement, which is reset when this goes: a statement left standing would hold its
// snapshot open and keep the write-ahead log from being taken back.
class Query {
 public:
  explicit Query(SQLite::Statement& statement) : statement_(statement) {}
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;

  bool next() { return statement_.executeStep(); }
  bool null(int column) const { return statement_.getColumn(column).isNull(); }
  std::int64_t number(int column) const { return statement_.getColumn(column).getInt64(); }
  std::string text(int column) const { return statement_.getColumn(column).getString(); }
  Time time(int column) const { return Time(Duration(number(column))); }

 private:
  SQLite::Statement& statement_;
};

// Bytes that are no text.
struct Blob {
  const std::string& bytes;
};

// For one thread at a time, and never across a fork. What its methods throw (SQLite::Exception) stays inside attempt().
class Connection {
 public:
  enum class Use {
    write,       // every commit is synced before it returns
    write_lazy,  // a power failure may lose the last commits, never the file
    read,        // after a writer has opened (and so made or upgraded) the file
  };
  static constexpr std::chrono::milliseconds kPatience{10'000};

  // Makes the file when it is missing and brings its tables up to date. Code::invalid when a newer Davy wrote it, or
  // one whose format is not read any more, or this user may not open it; Code::unavailable when others held it for all
  // of `patience`; Code::internal when it is damaged.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, const Schema&, Use,
                                                  std::chrono::milliseconds patience = kPatience);

  // work() answers a Result; what it throws becomes one: "doing in FILE: what happened", with what to try.
  template <class Work>
  std::invoke_result_t<Work> attempt(std::string_view doing, Work work) try {
    return work();
  } catch (const std::exception&) {
    return std::unexpected(explain(doing));
  }

  // sql must be a literal: it is the key of the cache. The arguments are copied.
  template <class... Args>
  Query query(const char* sql, const Args&... args) {
    auto& statement = prepared(sql);
    int place = 0;
    (bind(statement, ++place, args), ...);
    return Query(statement);
  }

  // For what answers no rows, or whose rows do not matter.
  template <class... Args>
  void run(const char* sql, const Args&... args) {
    auto rows = query(sql, args...);
    while (rows.next()) {
    }
  }

  const std::string& path() const { return path_; }
  std::int64_t changes() const { return sqlite3_total_changes64(database_.getHandle()); }
  bool in_transaction() const { return sqlite3_get_autocommit(database_.getHandle()) == 0; }
  int wal_pages() const { return wal_pages_; }
  // Whether the path still names the file that is open here: one that was removed or replaced takes writes for ever,
  // and nobody else sees them. Code::unavailable when it is gone; Code::conflict when another is there: nobody may go
  // on with what that one says, it is older or a stranger's.
  Result<> in_place() const;
  void checkpoint();  // moves the write-ahead log into the database as far as readers allow; its failure is no loss

 private:
  Connection(const std::string& path, Use, std::chrono::milliseconds patience);

  Error explain(std::string_view doing) const;  // of the exception being handled
  Result<> set_up(const Schema&, Use);
  Result<> upgrade(const Schema&);
  SQLite::Statement& prepared(const char* sql);
  static int wait(void* self, int tries);
  static int committed(void* self, sqlite3*, const char*, int pages);

  static void bind(SQLite::Statement& to, int place, const std::string& text) { to.bind(place, text); }
  static void bind(SQLite::Statement& to, int place, Blob blob) {
    to.bind(place, blob.bytes.data(), static_cast<int>(blob.bytes.size()));
  }
  static void bind(SQLite::Statement& to, int place, std::int64_t number) { to.bind(place, number); }
  static void bind(SQLite::Statement& to, int place, Time time) { to.bind(place, time.time_since_epoch().count()); }
  static void bind(SQLite::Statement& to, int place, Duration duration) { to.bind(place, duration.count()); }
  template <std::size_t n>
  static void bind(SQLite::Statement& to, int place, const std::array<unsigned char, n>& blob) {
    to.bind(place, blob.data(), static_cast<int>(n));
  }

  std::string path_;
  FileId file_;
  std::chrono::milliseconds patience_;
  std::chrono::steady_clock::time_point waits_since_{};
  int wal_pages_ = 0;
  SQLite::Database database_;
  std::map<std::string_view, SQLite::Statement> statements_;  // after database_: they must go first
};

// Several statements that see one state of the file (deferred), or that are written together (immediate: the write lock
// is taken at once, since a transaction that reads first and writes later may fail half-way). Rolls back unless
// committed.
class Transaction {
 public:
  enum class Kind { deferred, immediate };
  Transaction(Connection& db, Kind kind) : db_(db) {
    db_.run(kind == Kind::immediate ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED");
  }
  ~Transaction();
  void commit() { db_.run("COMMIT"); }

 private:
  Connection& db_;
};

}  // namespace davy::store
