#include "store/sqlite/sqlite.h"

#include "store/sqlite/answered.h"
#include "store/sqlite/journal_rows.h"
#include "store/sqlite/sample_rows.h"
#include "store/state_directory.h"

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
  if (auto made = make_directory(directory); !made) return std::unexpected(made.error());
  auto path = directory + "/davy.db";
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
  return write<void>(&writer_, [this, run = std::move(run), first = std::move(first)](Connection& db) -> Result<> {
    if (auto room = reserve_.ensure(); !room) return room;
    return create_run(db, run, first);
  });
}

Task<> SqliteStore::append(std::string run, std::int64_t epoch, std::int64_t expected_seq, std::vector<Record> records,
                           std::optional<Close> close) {
  return write<void>(&writer_, [=, run = std::move(run), records = std::move(records)](Connection& db) {
    return append_records(db, run, epoch, expected_seq, records, close);
  });
}

Task<> SqliteStore::claim(std::string run, std::int64_t epoch, std::int64_t expected_seq, std::vector<Record> records) {
  return write<void>(&writer_, [=, run = std::move(run), records = std::move(records)](Connection& db) {
    return claim_run(db, run, epoch, expected_seq, records);
  });
}

Task<std::vector<Record>> SqliteStore::read(std::string run, std::int64_t after) {
  return look<std::vector<Record>>(reads_.get(), "reading the journal in",
                                   [=](Connection& db) { return read_records(db, run, after); });
}

Task<RunInfo> SqliteStore::info(std::string run) {
  return look<RunInfo>(reads_.get(), "looking for run " + run + " in",
                       [=](Connection& db) { return read_info(db, run); });
}

Task<std::vector<RunInfo>> SqliteStore::runs(Filter filter) {
  return look<std::vector<RunInfo>>(reads_.get(), "listing the runs in",
                                    [=](Connection& db) { return read_runs(db, filter); });
}

Task<std::int64_t> SqliteStore::put(std::string run, DeskEntry entry) {
  return write<std::int64_t>(&writer_, [=](Connection& db) { return put_on_desk(db, run, entry); });
}

Task<std::vector<DeskEntry>> SqliteStore::after(std::string run, std::int64_t number) {
  return look<std::vector<DeskEntry>>(reads_.get(), "reading the desk in",
                                      [=](Connection& db) { return read_desk(db, run, number); });
}

Task<> SqliteStore::add(std::string run, std::vector<Sample> samples) {
  return write<void>(
      samples_ ? &samples_->writer : nullptr,
      [run = std::move(run), samples = std::move(samples)](Connection& db) { return add_samples(db, run, samples); });
}

Task<std::vector<Sample>> SqliteStore::since(std::string run, Duration grain, Time from) {
  return look<std::vector<Sample>>(samples_ ? samples_->reads.get() : nullptr, "reading samples in",
                                   [=](Connection& db) { return read_samples(db, run, grain, from); });
}

Task<std::int64_t> SqliteStore::prune_samples(Duration grain, Time before) {
  return write<std::int64_t>(samples_ ? &samples_->writer : nullptr,
                             [=](Connection& db) { return drop_samples(db, grain, before); });
}

}  // namespace davy::store
