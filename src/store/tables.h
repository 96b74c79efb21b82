// What the store's rules are written over: rows, as a map or a database has them. Nothing is decided here. Every call
// is made inside one transaction of the implementation's, and what fails in it (a disk) is thrown and rolls that back.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ports/journal.h"
#include "store/chain.h"

namespace davy::store {

struct StreamRow {
  std::int64_t number = 0;
  std::string id;
  ports::StreamKind kind = ports::StreamKind::run;
  std::int64_t epoch = 0, seq = 0;
  std::optional<Hash> head;  // of the last record; nothing when what is stored is no hash: the file is damaged
  bool open = true;
};

struct StoredRecord {
  ports::Record record;
  std::optional<Hash> hash;
};

struct Tables {
  virtual ~Tables() = default;
  virtual std::string place() const = 0;  // the file, for messages

  virtual std::optional<StreamRow> stream(const std::string& id) = 0;
  virtual std::vector<StreamRow> open_streams() = 0;                 // the last that began first
  virtual std::optional<StreamRow> before(std::int64_t number) = 0;  // the newest with a lower number
  virtual std::int64_t newest() = 0;                                 // the highest number ever given; 0: none
  virtual std::vector<std::string> ids(std::int64_t most) = 0;       // the last that began first
  virtual void add(const StreamRow&) = 0;                            // its number is newest() + 1
  virtual void change(const StreamRow&) = 0;                         // epoch, seq, head and open

  virtual std::optional<StoredRecord> record(const std::string& stream, std::int64_t seq) = 0;
  virtual std::vector<StoredRecord> records(const std::string& stream, std::int64_t after) = 0;
  virtual void add(const std::string& stream, const StoredRecord&) = 0;

  virtual std::optional<std::string> holder(const std::string& resource) = 0;
  virtual void lock(const std::string& resource, const std::string& stream) = 0;
  virtual void unlock(const std::string& resource) = 0;
  virtual void unlock_all(const std::string& stream) = 0;

  virtual std::vector<ports::DeskEntry> desk(const std::string& stream, std::int64_t after) = 0;
  virtual std::int64_t last_on_desk(const std::string& stream) = 0;
  virtual void add(const std::string& stream, const ports::DeskEntry&) = 0;

  virtual std::int64_t cursor(const std::string& reader, const std::string& stream) = 0;
  virtual void set_cursor(const std::string& reader, const std::string& stream, std::int64_t seq) = 0;
};

}  // namespace davy::store
