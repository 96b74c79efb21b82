// Journal, desk and samples in one state directory: davy.db for what must not be lost, samples.db for what may be, and
// the disk reserve. Several processes work on one directory at the same time.
#pragma once
#include "ports/journal.h"
#include "store/sqlite/reserve.h"
#include "store/sqlite/writer.h"

namespace davy::store {

// What its calls promise is said in ports/journal.h. Beyond that:
// - The store numbers the records of create, append and claim itself; the seq they bring is not looked at.
// - After an Error other than conflict, invalid and refused an append may still be found in the journal later (a sync
//   that failed may have reached the disk): who goes on must read first. Davy stops and resumes, which does.
// - Calls may be made on any thread, and answer on the caller's executor, which must outlive them. The destructor
//   waits for the calls under way. Cancelling a caller does not stop its call.
// - Never carry a store across a fork, and never open davy.db by other means in a process that has a store: closing
//   any descriptor of it drops SQLite's locks.
class SqliteStore final : public ports::Journal, public ports::Desk, public ports::Samples {
 public:
  struct Options {
    std::chrono::milliseconds patience = Connection::kPatience;  // how long others may hold the file
    Bytes reserve = Reserve::kSize;
  };

  // Makes what is missing. Blocks for a few syncs. Code::invalid when the directory cannot be used or a newer Davy
  // wrote it, Code::internal when davy.db is damaged. samples.db never fails it: then only the calls of Samples fail.
  static Result<std::unique_ptr<SqliteStore>> open(std::string directory, Options);
  static Result<std::unique_ptr<SqliteStore>> open(std::string directory) { return open(std::move(directory), {}); }

  // Also Code::no_space when the reserve cannot be had: no run begins that a full disk could stop half-way.
  ports::Task<> create(ports::RunInfo, std::vector<ports::Record> first) override;
  ports::Task<> append(std::string run, std::int64_t epoch, std::int64_t expected_seq, std::vector<ports::Record>,
                       std::optional<Close> = {}) override;
  ports::Task<> claim(std::string run, std::int64_t epoch, std::int64_t expected_seq,
                      std::vector<ports::Record>) override;
  ports::Task<std::vector<ports::Record>> read(std::string run, std::int64_t after = 0) override;
  ports::Task<ports::RunInfo> info(std::string run) override;
  ports::Task<std::vector<ports::RunInfo>> runs(Filter) override;

  // Code::invalid for a run that is not there, Code::refused for one that has ended: nobody would read it.
  ports::Task<std::int64_t> put(std::string run, ports::DeskEntry) override;
  ports::Task<std::vector<ports::DeskEntry>> after(std::string run, std::int64_t number) override;

  // A sample of the same run, grain and time replaces the one before. since: from that time on, oldest first.
  ports::Task<> add(std::string run, std::vector<ports::Sample>) override;
  ports::Task<std::vector<ports::Sample>> since(std::string run, Duration grain, Time) override;

  // Drops the samples of this grain before that time, of all runs; answers how many. May be repeated.
  ports::Task<std::int64_t> prune_samples(Duration grain, Time before);

  Writer::Effort effort() const { return writer_.effort(); }

 private:
  struct SampleFile {
    SampleFile(std::unique_ptr<Connection> write, std::unique_ptr<Connection> read);
    Writer writer;
    std::unique_ptr<Connection> reads;
  };
  using Job = std::move_only_function<void()>;

  SqliteStore(Reserve, std::unique_ptr<Connection> write, std::unique_ptr<Connection> read);
  void open_samples(const std::string& path, std::chrono::milliseconds patience);

  template <class T, class Apply>
  ports::Task<T> write(Writer*, Apply);
  template <class T, class Look>
  ports::Task<T> look(Connection*, std::string doing, Look);

  Reserve reserve_;
  Writer writer_;
  std::unique_ptr<Connection> reads_;
  std::unique_ptr<SampleFile> samples_;
  Error no_samples_;    // why there is no sample file
  Worker<Job> reader_;  // last: its thread uses the connections
};

}  // namespace davy::store
