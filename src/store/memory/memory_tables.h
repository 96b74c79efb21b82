// The rows of a store as maps. Cheap to copy: records are shared, since none ever changes.
#pragma once
#include <map>
#include <memory>

#include "store/tables.h"

namespace davy::store {

class MemoryTables final : public Tables {
 public:
  std::string place() const override { return "memory"; }

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
  std::map<std::int64_t, StreamRow> streams_;
  std::map<std::string, std::int64_t> numbers_;
  std::map<std::string, std::vector<std::shared_ptr<const StoredRecord>>> records_;
  std::map<std::string, std::string> locks_;
  std::map<std::string, std::vector<ports::DeskEntry>> desks_;
  std::map<std::pair<std::string, std::string>, std::int64_t> cursors_;
};

}  // namespace davy::store
