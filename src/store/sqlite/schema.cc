#include "store/sqlite/schema.h"

namespace davy::store {
namespace {

// Times are nanoseconds since 1970. `head` is the hash of the last record: with `seq` it tells a journal that lost its
// tail from one that is whole. AUTOINCREMENT: a number is never given twice, and its count forgets no row.
// The view is for people; Davy itself reads records, and verifies them.
constexpr const char* kJournal[] = {R"sql(
CREATE TABLE streams(
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
  epoch INTEGER NOT NULL, seq INTEGER NOT NULL, head BLOB NOT NULL, open INTEGER NOT NULL);
CREATE INDEX open_streams ON streams(number) WHERE open;
CREATE TABLE journal(
  stream TEXT NOT NULL REFERENCES streams(id), seq INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
  body TEXT NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(stream, seq)) WITHOUT ROWID;
CREATE TABLE locks(resource TEXT PRIMARY KEY, stream TEXT NOT NULL REFERENCES streams(id)) WITHOUT ROWID;
CREATE TABLE desk(
  stream TEXT NOT NULL REFERENCES streams(id), number INTEGER NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL,
  ask TEXT NOT NULL, about TEXT NOT NULL, note TEXT NOT NULL, speaker TEXT NOT NULL,
  PRIMARY KEY(stream, number)) WITHOUT ROWID;
CREATE TABLE cursors(
  reader TEXT NOT NULL, stream TEXT NOT NULL REFERENCES streams(id), seq INTEGER NOT NULL,
  PRIMARY KEY(reader, stream)) WITHOUT ROWID;
CREATE VIEW runs AS
  SELECT s.id, s.number, o.body ->> '$.about.environment' AS environment, o.body ->> '$.about.version' AS version,
    o.body -> '$.about.services' AS services, o.body ->> '$.about.release' AS release,
    o.body ->> '$.about.who' AS who, o.body ->> '$.about.why' AS why, o.at AS started,
    c.at AS ended, c.body ->> '$.ending' AS ending, c.body ->> '$.sentence' AS sentence, s.epoch, s.seq, s.head
  FROM streams s JOIN journal o ON o.stream=s.id AND o.seq=1
    LEFT JOIN journal c ON c.stream=s.id AND c.seq=s.seq AND NOT s.open
  WHERE s.kind='run';
)sql"};

// Rows, not an index alone: a sample of 1 KB in an index takes a page for itself. The newest of a series stand in
// `samples`, one by one; all before them in packs, none of which overlap.
constexpr const char* kSamples[] = {R"sql(
CREATE TABLE series(
  id INTEGER PRIMARY KEY, service TEXT NOT NULL, environment TEXT NOT NULL, release TEXT NOT NULL,
  UNIQUE(service, environment, release));
CREATE TABLE samples(
  series INTEGER NOT NULL REFERENCES series(id), grain INTEGER NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL,
  UNIQUE(series, grain, at));
)sql",
                                    R"sql(
CREATE TABLE packs(
  id INTEGER PRIMARY KEY, series INTEGER NOT NULL REFERENCES series(id), first INTEGER NOT NULL, last INTEGER NOT NULL,
  count INTEGER NOT NULL, outlines BLOB NOT NULL, outline_latencies BLOB NOT NULL, windows BLOB, latencies BLOB);
CREATE INDEX packs_by_time ON packs(series, first);
)sql"};

}  // namespace

const Schema kJournalSchema{2, kJournal, "Davy 0.1"};
const Schema kSamplesSchema{2, kSamples, "Davy 0.1"};

}  // namespace davy::store
