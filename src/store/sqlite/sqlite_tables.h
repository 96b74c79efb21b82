// The rows of davy.db, by one connection and inside the transaction that it is in.
#pragma once
#include "store/sqlite/connection.h"
#include "store/tables.h"

namespace davy::store {

class SqliteTables final : public Tables {
 public:
  explicit SqliteTables(Connection& db) : db_(db) {}

  std::string place() const override { return db_.path(); }

  std::optional<StreamRow> stream(const std::string& id) override;
  std::vector<StreamRow> open_streams() override;
  std::optional<StreamRow> before(std::int64_t number) override;
  std::int64_t newest() override;
  std::vector<std::string> ids(std::int64_t most) override;
  void add(const StreamRow&) override;
  void change(const StreamRow&) override;

  std::optional<StoredRecord> record(const std::string& stream, std::int64_t seq) override;
  std::vector<StoredRecord> records(const std::string& stream, std::int64_t after) override;
  void add(const std::string& stream, const StoredRecord&) override;

  std::optional<std::string> holder(const std::string& resource) override;
  void lock(const std::string& resource, const std::string& stream) override;
  void unlock(const std::string& resource) override;
  void unlock_all(const std::string& stream) override;

  std::vector<ports::DeskEntry> desk(const std::string& stream, std::int64_t after) override;
  std::int64_t last_on_desk(const std::string& stream) override;
  void add(const std::string& stream, const ports::DeskEntry&) override;

  std::int64_t cursor(const std::string& reader, const std::string& stream) override;
  void set_cursor(const std::string& reader, const std::string& stream, std::int64_t seq) override;

 private:
  Connection& db_;
};

}  // namespace davy::store
