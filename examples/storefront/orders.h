// The shop's database: one SQLite file, which two releases may have open at once.
#pragma once
#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <memory>
#include <string>

#include "base/error.h"

namespace storefront {

class Orders {
 public:
  static davy::Result<std::unique_ptr<Orders>> open(const std::string& file);

  davy::Result<std::int64_t> place(const std::string& item, int quantity, const std::string& version);
  davy::Result<std::string> newest_as_json();  // the last 20
  davy::Result<std::chrono::nanoseconds> ping();

 private:
  explicit Orders(const std::string& file);
  SQLite::Database db_;
  std::unique_ptr<SQLite::Statement> insert_, newest_, one_;
};

}  // namespace storefront
