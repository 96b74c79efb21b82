#include <fmt/format.h>

#include "store/rules.h"
#include "store/sqlite/journal_rows.h"

namespace davy::store {
namespace {

using namespace ports;

std::optional<std::string> holder_of(Connection& db, const std::string& service, const std::string& environment) {
  auto row = db.query("SELECT run FROM services WHERE service=? AND environment=? AND holds", service, environment);
  return row.next() ? std::optional(row.text(0)) : std::nullopt;
}

bool exists(Connection& db, const std::string& run) { return db.query("SELECT 1 FROM runs WHERE id=?", run).next(); }

// Numbers the records itself, after those that are there: a caller's own numbers can only be right or wrong.
Hash write_records(Connection& db, const std::string& run, std::int64_t seq, Hash hash,
                   const std::vector<Record>& records) {
  for (auto record : records) {
    record.seq = ++seq;
    hash = chain_next(hash, record);
    db.run("INSERT INTO journal(run, seq, at, kind, body, hash) VALUES(?,?,?,?,?,?)", run, record.seq, record.at,
           record.kind, record.body, hash);
  }
  return hash;
}

Result<> extend(Connection& db, const Head& head, std::int64_t epoch, const std::vector<Record>& records) {
  auto& run = head.run;
  if (!head.hash)
    return fail(Code::internal,
                fmt::format("the journal of run {} in {} is damaged: the hash of its last record is no "
                            "hash",
                            run.id, db.path()),
                "copy the state directory away before anything else");
  auto hash = write_records(db, run.id, run.seq, *head.hash, records);
  db.run("UPDATE runs SET epoch=?, seq=?, head=? WHERE id=?", epoch, run.seq + std::ssize(records), hash, run.id);
  return {};
}

// The end has the time of its last record: the store has no clock, so that a replay in simulation ends alike.
void close_run(Connection& db, const std::string& run, const Journal::Close& close) {
  db.run(
      "UPDATE runs SET ended=coalesce((SELECT at FROM journal WHERE run=runs.id AND seq=runs.seq), started), "
      "ending=?, sentence=? WHERE id=?",
      close.ending, close.sentence, run);
  db.run("UPDATE services SET holds=0 WHERE run=?", run);
}

void insert_run(Connection& db, const RunInfo& run, std::int64_t seq, const Hash& head) {
  db.run(
      "INSERT INTO runs(id, environment, version, release, digest, runbook_hash, who, why, started, sentence, epoch, "
      "seq, head) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
      run.id, run.environment, run.version, run.release, run.digest, run.runbook_hash, run.who, run.why, run.started,
      run.sentence, run.epoch, seq, head);
  for (std::int64_t place = 0; auto& service : run.services)
    db.run("INSERT INTO services(run, place, service, environment, holds) VALUES(?,?,?,?,1)", run.id, place++, service,
           run.environment);
}

}  // namespace

Result<> create_run(Connection& db, const RunInfo& run, const std::vector<Record>& first) {
  if (auto may = may_create(run); !may) return may;
  if (exists(db, run.id)) return run_exists(run.id);
  for (auto& service : run.services)
    if (auto holder = holder_of(db, service, run.environment)) {
      auto info = read_info(db, *holder);
      return info ? lock_held(service, *info) : std::unexpected(info.error());
    }
  insert_run(db, run, 0, chain_origin(run.id));
  return extend(db, {.run = {.id = run.id}, .hash = chain_origin(run.id)}, run.epoch, first);
}

Result<> append_records(Connection& db, const std::string& run, std::int64_t epoch, std::int64_t expected_seq,
                        const std::vector<Record>& records, const std::optional<Journal::Close>& close) {
  auto head = read_head(db, run);
  if (!head) return std::unexpected(head.error());
  if (auto may = may_append(head->run, epoch, expected_seq); !may) return may;
  if (auto extended = extend(db, *head, epoch, records); !extended) return extended;
  if (close) close_run(db, run, *close);
  return {};
}

Result<> claim_run(Connection& db, const std::string& run, std::int64_t epoch, std::int64_t expected_seq,
                   const std::vector<Record>& records) {
  auto head = read_head(db, run);
  if (!head) return std::unexpected(head.error());
  if (auto may = may_claim(head->run, epoch, expected_seq); !may) return may;
  return extend(db, *head, epoch, records);
}

Result<std::int64_t> put_on_desk(Connection& db, const std::string& run, const DeskEntry& entry) {
  auto head = read_head(db, run);
  if (!head) return std::unexpected(head.error());
  if (auto may = may_ask(head->run); !may) return std::unexpected(may.error());
  auto last = db.query("SELECT coalesce(max(number), 0) FROM desk WHERE run=?", run);
  last.next();
  auto number = last.number(0) + 1;
  db.run("INSERT INTO desk(run, number, at, who, ask, about, note) VALUES(?,?,?,?,?,?,?)", run, number, entry.at,
         entry.who, entry.ask, entry.about, entry.note);
  return number;
}

}  // namespace davy::store
