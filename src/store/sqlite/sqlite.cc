#include "store/sqlite/sqlite.h"

#include "store/looking.h"
#include "store/sqlite/answered.h"
#include "store/sqlite/sample_rows.h"
#include "store/sqlite/sqlite_tables.h"
#include "store/state_directory.h"
#include "store/writing.h"

namespace davy::store {

using namespace ports;

// Hands `apply` to the writer and waits for the commit. The outcome is shared, since apply may run twice (a full disk,
// a neighbour that failed) and the answer is given later.
template <class T, class Apply>
Task<T> SqliteStore::write(Writer* writer, Apply apply) {
  return answered<T>([this, writer, apply = std::move(apply)](Answer<T> answer) mutable {
    if (!writer) return answer(std::unexpected(no_samples_));
    auto outcome = std::make_shared<Result<T>>();
    writer->add({.apply = [outcome, apply = std::move(apply)](Connection& db) { *outcome = apply(db); },
                 .answer =
                     [outcome, answer = std::move(answer)](Result<> committed) mutable {
                       answer(committed ? std::move(*outcome) : std::unexpected(std::move(committed.error())));
                     }});
  });
}

template <class T, class Look>
Task<T> SqliteStore::look(Connection* db, std::string doing, Look look) {
  return answered<T>([this, db, doing = std::move(doing), look = std::move(look)](Answer<T> answer) mutable {
    if (!db) return answer(std::unexpected(no_samples_));
    reader_.add([db, doing = std::move(doing), look = std::move(look), answer = std::move(answer)]() mutable {
      answer(db->attempt(doing, [&]() -> Result<T> { return look(*db); }));
    });
  });
}

namespace {

// For what is refused before it writes, or not at all.
template <class Apply>
auto on_rows(Apply apply) {
  return [apply = std::move(apply)](Connection& db) {
    SqliteTables tables(db);
    return apply(tables);
  };
}

bool may_be_refused_half_way(const After& then) {
  return !then.take.empty() || !then.give.empty() || !then.supersede.empty() || !then.open.empty();
}

}  // namespace

// Other writes share the transaction: what was refused half-way must take back its own half.
template <class T, class Apply>
Result<T> whole(Connection& db, Apply apply) {
  db.run("SAVEPOINT one_call");
  Result<T> result = apply();
  if (!result) db.run("ROLLBACK TO one_call");
  db.run("RELEASE one_call");
  return result;
}

template <class T, class Apply>
Task<T> SqliteStore::write_rows(Apply apply) {
  return write<T>(&writer_, [apply = std::move(apply)](Connection& db) {
    SqliteTables tables(db);
    return whole<T>(db, [&] { return apply(tables); });
  });
}

template <class T, class Apply>
Task<T> SqliteStore::write_samples(Apply apply) {
  return write<T>(samples_ ? &samples_->writer : nullptr,
                  [apply = std::move(apply)](Connection& db) { return whole<T>(db, [&] { return apply(db); }); });
}

template <class Look>
Task<std::vector<Sample>> SqliteStore::look_at_samples(Look at) {
  return look<std::vector<Sample>>(samples_ ? samples_->reads.get() : nullptr, "reading samples in",
                                   [at = std::move(at)](Connection& db) -> Result<std::vector<Sample>> {
                                     Transaction snapshot(db, Transaction::Kind::deferred);
                                     return at(db);
                                   });
}

template <class T, class Look>
Task<T> SqliteStore::look_at_rows(std::string doing, Look at) {
  return look<T>(reads_.get(), std::move(doing), [at = std::move(at)](Connection& db) -> Result<T> {
    Transaction snapshot(db, Transaction::Kind::deferred);
    SqliteTables tables(db);
    return at(tables);
  });
}

SqliteStore::SampleFile::SampleFile(std::unique_ptr<Connection> write, std::unique_ptr<Connection> read)
    : writer("davy-samples", "writing samples to", std::move(write)), reads(std::move(read)) {}

SqliteStore::SqliteStore(Reserve reserve, std::unique_ptr<Connection> write, std::unique_ptr<Connection> read)
    : reserve_(std::move(reserve)),
      writer_("davy-journal", "writing the journal to", std::move(write), [this] { reserve_.release(); }),
      reads_(std::move(read)),
      reader_("davy-reader", [](std::vector<Job> jobs) {
        for (auto& job : jobs) job();
      }) {}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(std::string directory, Options options) {
  auto path = directory + "/davy.db";
  if (options.missing == Missing::refuse)
    if (auto there = must_exist(path); !there) return std::unexpected(there.error());
  if (auto made = make_directory(directory); !made) return std::unexpected(made.error());
  auto write = Connection::open(path, kJournalSchema, Connection::Use::write, options.patience);
  if (!write) return std::unexpected(write.error());
  auto read = Connection::open(path, kJournalSchema, Connection::Use::read, options.patience);
  if (!read) return std::unexpected(read.error());
  std::unique_ptr<SqliteStore> store(
      new SqliteStore(Reserve(directory, options.reserve), std::move(*write), std::move(*read)));
  store->open_samples(directory + "/samples.db", options.patience);
  return store;
}

// A chart is no reason not to deploy, and no reason not to roll back.
void SqliteStore::open_samples(const std::string& path, std::chrono::milliseconds patience) {
  auto write = Connection::open(path, kSamplesSchema, Connection::Use::write_lazy, patience);
  auto read = write ? Connection::open(path, kSamplesSchema, Connection::Use::read, patience)
                    : Result<std::unique_ptr<Connection>>(std::unexpected(write.error()));
  if (read)
    samples_ = std::make_unique<SampleFile>(std::move(*write), std::move(*read));
  else
    no_samples_ = read.error();
}

Task<> SqliteStore::create(RunInfo run, std::vector<Record> first) {
  return write_rows<void>([this, run = std::move(run), first = std::move(first)](Tables& tables) -> Result<> {
    if (auto room = reserve_.ensure(); !room) return room;
    return create_run(tables, run, first);
  });
}

Task<> SqliteStore::open(Opening opening) {
  return write_rows<void>([opening = std::move(opening)](Tables& tables) { return open_stream(tables, opening); });
}

Task<> SqliteStore::append(std::string stream, std::int64_t epoch, std::int64_t expected_seq,
                           std::vector<Record> records, After then) {
  bool half_way = may_be_refused_half_way(then);
  auto apply = [=, records = std::move(records), then = std::move(then)](Tables& tables) {
    return append_records(tables, stream, epoch, expected_seq, records, then);
  };
  return half_way ? write_rows<void>(std::move(apply)) : write<void>(&writer_, on_rows(std::move(apply)));
}

Task<> SqliteStore::claim(std::string stream, std::int64_t epoch, std::int64_t expected_seq,
                          std::vector<Record> records) {
  return write<void>(&writer_, on_rows([=, records = std::move(records)](Tables& tables) {
    return claim_stream(tables, stream, epoch, expected_seq, records);
  }));
}

Task<std::vector<Record>> SqliteStore::read(std::string stream, std::int64_t after) {
  return look_at_rows<std::vector<Record>>("reading the journal in",
                                           [=](Tables& tables) { return read_records(tables, stream, after); });
}

Task<RunInfo> SqliteStore::info(std::string run) {
  return look_at_rows<RunInfo>("looking for run " + run + " in", [=](Tables& tables) { return read_run(tables, run); });
}

Task<StreamInfo> SqliteStore::stream(std::string id) {
  return look_at_rows<StreamInfo>("looking for " + id + " in", [=](Tables& tables) { return read_stream(tables, id); });
}

Task<std::vector<RunInfo>> SqliteStore::runs(Filter filter) {
  return look_at_rows<std::vector<RunInfo>>("listing the runs in",
                                            [=](Tables& tables) { return read_runs(tables, filter); });
}

Task<std::vector<StreamInfo>> SqliteStore::open_streams(StreamKind kind) {
  return look_at_rows<std::vector<StreamInfo>>("listing what is open in",
                                               [=](Tables& tables) { return read_open(tables, kind); });
}

Task<std::optional<std::string>> SqliteStore::holder(std::string resource) {
  return look_at_rows<std::optional<std::string>>("looking at the locks in",
                                                  [=](Tables& tables) { return tables.holder(resource); });
}

Task<std::int64_t> SqliteStore::put(std::string stream, DeskEntry entry) {
  return write<std::int64_t>(&writer_, on_rows([=](Tables& tables) { return put_on_desk(tables, stream, entry); }));
}

Task<std::vector<DeskEntry>> SqliteStore::after(std::string stream, std::int64_t number) {
  return look_at_rows<std::vector<DeskEntry>>("reading the desk in",
                                              [=](Tables& tables) { return tables.desk(stream, number); });
}

Task<std::int64_t> SqliteStore::cursor(std::string reader, std::string stream) {
  return look_at_rows<std::int64_t>("looking at the cursors in",
                                    [=](Tables& tables) { return tables.cursor(reader, stream); });
}

Task<> SqliteStore::advance(std::string reader, std::string stream, std::int64_t seq) {
  return write<void>(&writer_, on_rows([=](Tables& tables) { return advance_cursor(tables, reader, stream, seq); }));
}

Task<> SqliteStore::add(SampleKey key, std::vector<Sample> samples) {
  return write_samples<void>(
      [key = std::move(key), samples = std::move(samples)](Connection& db) { return add_samples(db, key, samples); });
}

Task<std::vector<Sample>> SqliteStore::since(SampleKey key, Time from, Time to, std::int64_t most) {
  return look_at_samples([=](Connection& db) { return read_samples(db, key, from, to, most); });
}

Task<std::vector<Sample>> SqliteStore::between(SampleKey key, Time from, Time to, std::size_t points) {
  return look_at_samples([=](Connection& db) { return outline_samples(db, key, from, to, points); });
}

Task<std::int64_t> SqliteStore::prune(Before before) {
  return write_samples<std::int64_t>([=](Connection& db) { return prune_samples(db, before); });
}

}  // namespace davy::store
