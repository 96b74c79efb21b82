#include "store/sqlite/schema.h"

namespace davy::store {
namespace {

// Times are nanoseconds since 1970. `head` is the hash of the last record: with `seq` it tells a journal that lost its
// tail from one that is whole. The deploy lock IS the index one_open_run.
constexpr const char* kJournal[] = {R"sql(
CREATE TABLE runs(
  id TEXT PRIMARY KEY, environment TEXT NOT NULL, version TEXT NOT NULL, release TEXT NOT NULL, digest TEXT NOT NULL,
  runbook_hash TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, started INTEGER NOT NULL,
  ended INTEGER, ending TEXT, sentence TEXT NOT NULL,
  epoch INTEGER NOT NULL, seq INTEGER NOT NULL, head BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX runs_by_start ON runs(started, id);
CREATE TABLE services(
  run TEXT NOT NULL REFERENCES runs(id), place INTEGER NOT NULL, service TEXT NOT NULL, environment TEXT NOT NULL,
  holds INTEGER NOT NULL, PRIMARY KEY(run, place)) WITHOUT ROWID;
CREATE UNIQUE INDEX one_open_run ON services(service, environment) WHERE holds;
CREATE TABLE journal(
  run TEXT NOT NULL REFERENCES runs(id), seq INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
  body TEXT NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(run, seq)) WITHOUT ROWID;
CREATE TABLE desk(
  run TEXT NOT NULL REFERENCES runs(id), number INTEGER NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL,
  ask TEXT NOT NULL, about TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY(run, number)) WITHOUT ROWID;
)sql"};

constexpr const char* kSamples[] = {R"sql(
CREATE TABLE samples(
  run TEXT NOT NULL, grain INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY(run, grain, at)) WITHOUT ROWID;
)sql"};

}  // namespace

const Schema kJournalSchema{kJournal};
const Schema kSamplesSchema{kSamples};

}  // namespace davy::store
