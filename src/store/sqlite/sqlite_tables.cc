#include "store/sqlite/sqlite_tables.h"

#include <cstring>

#include "store/bodies.h"

namespace davy::store {
namespace {

using namespace ports;

std::optional<Hash> hash_from(const std::string& blob) {
  Hash hash;
  if (blob.size() != hash.size()) return std::nullopt;
  std::memcpy(hash.data(), blob.data(), hash.size());
  return hash;
}

#define DAVY_STREAM_COLUMNS "number, id, kind, epoch, seq, head, open"

// A word that is no kind reads as one all the same: what such a stream says of itself does not fit it, and that is
// said.
StreamRow stream_from(const Query& row) {
  return {.number = row.number(0),
          .id = row.text(1),
          .kind = kind_of(row.text(2)).value_or(StreamKind::run),
          .epoch = row.number(3),
          .seq = row.number(4),
          .head = hash_from(row.text(5)),
          .open = row.number(6) != 0};
}

StoredRecord record_from(const Query& row) {
  return {.record = {.seq = row.number(0), .at = row.time(1), .kind = row.text(2), .body = row.text(3)},
          .hash = hash_from(row.text(4))};
}

std::optional<StreamRow> first_of(Query rows) { return rows.next() ? std::optional(stream_from(rows)) : std::nullopt; }

std::int64_t number_of(Query rows) { return rows.next() ? rows.number(0) : 0; }

}  // namespace

std::optional<StreamRow> SqliteTables::stream(const std::string& id) {
  return first_of(db_.query("SELECT " DAVY_STREAM_COLUMNS " FROM streams WHERE id=?", id));
}

std::vector<StreamRow> SqliteTables::open_streams() {
  std::vector<StreamRow> out;
  auto rows = db_.query("SELECT " DAVY_STREAM_COLUMNS " FROM streams WHERE open ORDER BY number DESC");
  while (rows.next()) out.push_back(stream_from(rows));
  return out;
}

std::optional<StreamRow> SqliteTables::before(std::int64_t number) {
  return first_of(
      db_.query("SELECT " DAVY_STREAM_COLUMNS " FROM streams WHERE number<? ORDER BY number DESC LIMIT 1", number));
}

// SQLite's own count of the numbers it gave, which forgets none when a row is removed.
std::int64_t SqliteTables::newest() {
  return number_of(db_.query("SELECT seq FROM sqlite_sequence WHERE name='streams'"));
}

std::vector<std::string> SqliteTables::ids(std::int64_t most) {
  std::vector<std::string> out;
  auto rows = db_.query("SELECT id FROM streams ORDER BY number DESC LIMIT ?", most);
  while (rows.next()) out.push_back(rows.text(0));
  return out;
}

void SqliteTables::add(const StreamRow& row) {
  db_.run("INSERT INTO streams(number, id, kind, epoch, seq, head, open) VALUES(?,?,?,?,?,?,?)", row.number, row.id,
          std::string(word_of(row.kind)), row.epoch, row.seq, row.head.value_or(Hash{}), std::int64_t{row.open});
}

// Apart, since whoever sets `open` pays for the index on it, and a stream ends but once.
void SqliteTables::change(const StreamRow& row) {
  db_.run("UPDATE streams SET epoch=?, seq=?, head=? WHERE number=?", row.epoch, row.seq, row.head.value_or(Hash{}),
          row.number);
  if (!row.open) db_.run("UPDATE streams SET open=0 WHERE number=?", row.number);
}

std::optional<StoredRecord> SqliteTables::record(const std::string& stream, std::int64_t seq) {
  auto rows = db_.query("SELECT seq, at, kind, body, hash FROM journal WHERE stream=? AND seq=?", stream, seq);
  return rows.next() ? std::optional(record_from(rows)) : std::nullopt;
}

std::vector<StoredRecord> SqliteTables::records(const std::string& stream, std::int64_t after) {
  std::vector<StoredRecord> out;
  auto rows =
      db_.query("SELECT seq, at, kind, body, hash FROM journal WHERE stream=? AND seq>? ORDER BY seq", stream, after);
  while (rows.next()) out.push_back(record_from(rows));
  return out;
}

void SqliteTables::add(const std::string& stream, const StoredRecord& stored) {
  auto& record = stored.record;
  db_.run("INSERT INTO journal(stream, seq, at, kind, body, hash) VALUES(?,?,?,?,?,?)", stream, record.seq, record.at,
          record.kind, record.body, stored.hash.value_or(Hash{}));
}

std::optional<std::string> SqliteTables::holder(const std::string& resource) {
  auto rows = db_.query("SELECT stream FROM locks WHERE resource=?", resource);
  return rows.next() ? std::optional(rows.text(0)) : std::nullopt;
}

void SqliteTables::lock(const std::string& resource, const std::string& stream) {
  db_.run("INSERT INTO locks(resource, stream) VALUES(?,?)", resource, stream);
}

void SqliteTables::unlock(const std::string& resource) { db_.run("DELETE FROM locks WHERE resource=?", resource); }

void SqliteTables::unlock_all(const std::string& stream) { db_.run("DELETE FROM locks WHERE stream=?", stream); }

std::vector<DeskEntry> SqliteTables::desk(const std::string& stream, std::int64_t after) {
  std::vector<DeskEntry> out;
  auto rows = db_.query(
      "SELECT number, at, who, ask, about, note, speaker FROM desk WHERE stream=? AND number>? ORDER BY number", stream,
      after);
  while (rows.next())
    out.push_back({.number = rows.number(0),
                   .at = rows.time(1),
                   .who = rows.text(2),
                   .ask = rows.text(3),
                   .about = rows.text(4),
                   .note = rows.text(5),
                   .speaker = rows.text(6)});
  return out;
}

std::int64_t SqliteTables::last_on_desk(const std::string& stream) {
  return number_of(db_.query("SELECT coalesce(max(number), 0) FROM desk WHERE stream=?", stream));
}

void SqliteTables::add(const std::string& stream, const DeskEntry& entry) {
  db_.run("INSERT INTO desk(stream, number, at, who, ask, about, note, speaker) VALUES(?,?,?,?,?,?,?,?)", stream,
          entry.number, entry.at, entry.who, entry.ask, entry.about, entry.note, entry.speaker);
}

std::int64_t SqliteTables::cursor(const std::string& reader, const std::string& stream) {
  return number_of(db_.query("SELECT seq FROM cursors WHERE reader=? AND stream=?", reader, stream));
}

void SqliteTables::set_cursor(const std::string& reader, const std::string& stream, std::int64_t seq) {
  db_.run("INSERT OR REPLACE INTO cursors(reader, stream, seq) VALUES(?,?,?)", reader, stream, seq);
}

}  // namespace davy::store
