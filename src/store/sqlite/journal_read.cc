#include <fmt/format.h>

#include <cstring>

#include "store/rules.h"
#include "store/sqlite/journal_rows.h"

namespace davy::store {
namespace {

using namespace ports;

std::optional<Hash> hash_from(const std::string& blob) {
  Hash hash;
  if (blob.size() != hash.size()) return std::nullopt;
  std::memcpy(hash.data(), blob.data(), hash.size());
  return hash;
}

std::unexpected<Error> no_run(Connection& db, const std::string& run) {
  std::vector<std::string> known;
  auto rows = db.query("SELECT id FROM runs ORDER BY started DESC LIMIT 1000");
  while (rows.next()) known.push_back(rows.text(0));
  return no_such_run(run, known);
}

std::unexpected<Error> damaged(Connection& db, const std::string& run, std::int64_t seq) {
  return fail(Code::internal,
              fmt::format("reading the journal of run {} in {}: record {} is not what was written (its hash does not "
                          "fit, or it is missing)",
                          run, db.path(), seq),
              "somebody or the disk changed it: copy the state directory away, and do not resume this run from it");
}

std::vector<std::string> services_of(Connection& db, const std::string& run) {
  std::vector<std::string> services;
  auto rows = db.query("SELECT service FROM services WHERE run=? ORDER BY place", run);
  while (rows.next()) services.push_back(rows.text(0));
  return services;
}

RunInfo info_from(Connection& db, const Query& row) {
  RunInfo run{.id = row.text(0),
              .services = services_of(db, row.text(0)),
              .environment = row.text(1),
              .version = row.text(2),
              .release = row.text(3),
              .digest = row.text(4),
              .runbook_hash = row.text(5),
              .who = row.text(6),
              .why = row.text(7),
              .started = row.time(8)};
  if (!row.null(9)) run.ended = row.time(9);
  if (!row.null(10)) run.ending = row.text(10);
  run.sentence = row.text(11);
  run.epoch = row.number(12);
  run.seq = row.number(13);
  return run;
}

#define DAVY_RUN_COLUMNS \
  "id, environment, version, release, digest, runbook_hash, who, why, started, ended, ending, sentence, epoch, seq"

std::optional<Hash> hash_after(Connection& db, const std::string& run, std::int64_t seq) {
  if (seq == 0) return chain_origin(run);
  auto row = db.query("SELECT hash FROM journal WHERE run=? AND seq=?", run, seq);
  return row.next() ? hash_from(row.text(0)) : std::nullopt;
}

}  // namespace

Result<Head> read_head(Connection& db, const std::string& run) {
  auto row = db.query("SELECT epoch, seq, ending, head FROM runs WHERE id=?", run);
  if (!row.next()) return no_run(db, run);
  Head head{.run = {.id = run}, .hash = hash_from(row.text(3))};
  head.run.epoch = row.number(0);
  head.run.seq = row.number(1);
  if (!row.null(2)) head.run.ending = row.text(2);
  return head;
}

// The head (seq and hash of the last record) is read in the same snapshot: a chain alone does not miss its tail.
Result<std::vector<Record>> read_records(Connection& db, const std::string& run, std::int64_t after) {
  Transaction snapshot(db, Transaction::Kind::deferred);
  auto head = read_head(db, run);
  if (!head) return std::unexpected(head.error());
  std::vector<Record> records;
  auto seq = std::max<std::int64_t>(after, 0);
  if (seq > head->run.seq) return records;
  auto hash = hash_after(db, run, seq);
  if (!hash) return damaged(db, run, seq);
  auto rows = db.query("SELECT seq, at, kind, body, hash FROM journal WHERE run=? AND seq>? ORDER BY seq", run, seq);
  while (rows.next()) {
    Record record{.seq = rows.number(0), .at = rows.time(1), .kind = rows.text(2), .body = rows.text(3)};
    auto expected = chain_next(*hash, record);
    if (record.seq != ++seq || hash_from(rows.text(4)) != expected) return damaged(db, run, seq);
    hash = expected;
    records.push_back(std::move(record));
  }
  if (seq < head->run.seq) return damaged(db, run, seq + 1);
  if (seq > head->run.seq || hash != head->hash) return damaged(db, run, seq);
  return records;
}

Result<RunInfo> read_info(Connection& db, const std::string& run) {
  auto row = db.query("SELECT " DAVY_RUN_COLUMNS " FROM runs WHERE id=?", run);
  if (!row.next()) return no_run(db, run);
  return info_from(db, row);
}

Result<std::vector<RunInfo>> read_runs(Connection& db, const Journal::Filter& filter) {
  Transaction snapshot(db, Transaction::Kind::deferred);
  auto rows = db.query("SELECT " DAVY_RUN_COLUMNS
                       " FROM runs WHERE (?1='' OR EXISTS(SELECT 1 FROM services WHERE run=id AND service=?1)) "
                       "AND (?2='' OR environment=?2) AND (?3='' OR ending=?3) AND (NOT ?4 OR ending IS NULL) "
                       "ORDER BY started DESC, id DESC LIMIT ?5",
                       filter.service, filter.environment, filter.ending, std::int64_t{filter.open_only},
                       std::int64_t{filter.most});
  std::vector<RunInfo> runs;
  while (rows.next()) runs.push_back(info_from(db, rows));
  return runs;
}

Result<std::vector<DeskEntry>> read_desk(Connection& db, const std::string& run, std::int64_t after) {
  std::vector<DeskEntry> entries;
  auto rows = db.query("SELECT number, at, who, ask, about, note FROM desk WHERE run=? AND number>? ORDER BY number",
                       run, after);
  while (rows.next())
    entries.push_back({.number = rows.number(0),
                       .at = rows.time(1),
                       .who = rows.text(2),
                       .ask = rows.text(3),
                       .about = rows.text(4),
                       .note = rows.text(5)});
  return entries;
}

}  // namespace davy::store
