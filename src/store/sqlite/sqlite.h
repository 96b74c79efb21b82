// Streams, desk, cursors and samples in one state directory: davy.db for what must not be lost, samples.db for what may
// be, and the disk reserve. Several processes work on one directory at the same time.
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
class SqliteStore final : public ports::Store {
 public:
  enum class Missing { make, refuse };
  struct Options {
    std::chrono::milliseconds patience = Connection::kPatience;  // how long others may hold the file
    Bytes reserve = Reserve::kSize;
    Missing missing = Missing::make;  // refuse: for who goes on with something, which a new state would not know
  };

  // Blocks for a few syncs. Code::invalid when the directory cannot be used, is another user's, or another Davy's
  // format lies in it, Code::internal when davy.db is damaged. samples.db never fails it: then only the calls of
  // Samples fail.
  static Result<std::unique_ptr<SqliteStore>> open(std::string directory, Options);
  static Result<std::unique_ptr<SqliteStore>> open(std::string directory) { return open(std::move(directory), {}); }

  // Also Code::no_space when the reserve cannot be had: no run begins that a full disk could stop half-way.
  ports::Task<> create(ports::RunInfo, std::vector<ports::Record> first) override;
  ports::Task<> open(ports::Opening) override;
  ports::Task<> append(std::string stream, std::int64_t epoch, std::int64_t expected_seq, std::vector<ports::Record>,
                       ports::After = {}) override;
  ports::Task<> claim(std::string stream, std::int64_t epoch, std::int64_t expected_seq,
                      std::vector<ports::Record>) override;
  ports::Task<std::vector<ports::Record>> read(std::string stream, std::int64_t after = 0) override;
  ports::Task<ports::RunInfo> info(std::string run) override;
  ports::Task<ports::StreamInfo> stream(std::string id) override;
  ports::Task<std::vector<ports::RunInfo>> runs(Filter) override;
  ports::Task<std::vector<ports::StreamInfo>> open_streams(ports::StreamKind) override;
  ports::Task<std::optional<std::string>> holder(std::string resource) override;

  // Code::invalid for a stream that is not there, Code::refused for one that has ended: nobody would read it.
  ports::Task<std::int64_t> put(std::string stream, ports::DeskEntry) override;
  ports::Task<std::vector<ports::DeskEntry>> after(std::string stream, std::int64_t number) override;

  ports::Task<std::int64_t> cursor(std::string reader, std::string stream) override;
  ports::Task<> advance(std::string reader, std::string stream, std::int64_t seq) override;

  ports::Task<> add(ports::SampleKey, std::vector<ports::Sample>) override;
  ports::Task<std::vector<ports::Sample>> since(ports::SampleKey, Time from, Time to = Time::max(),
                                                std::int64_t most = kMost) override;
  ports::Task<std::vector<ports::Sample>> between(ports::SampleKey, Time from, Time to, std::size_t points) override;
  ports::Task<std::int64_t> prune(Before) override;

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
  ports::Task<T> write(Writer*, Apply);  // apply(Connection&)
  template <class T, class Apply>
  ports::Task<T> write_rows(Apply);  // apply(Tables&): all of it or nothing
  template <class T, class Look>
  ports::Task<T> look(Connection*, std::string doing, Look);  // look(Connection&)
  template <class T, class Apply>
  ports::Task<T> write_samples(Apply);  // apply(Connection&): all of it or nothing
  template <class Look>
  ports::Task<std::vector<ports::Sample>> look_at_samples(Look);  // look(Connection&): one state of them
  template <class T, class Look>
  ports::Task<T> look_at_rows(std::string doing, Look);  // look(Tables&): one state of them

  Reserve reserve_;
  Writer writer_;
  std::unique_ptr<Connection> reads_;
  std::unique_ptr<SampleFile> samples_;
  Error no_samples_;    // why there is no sample file
  Worker<Job> reader_;  // last: its thread uses the connections
};

}  // namespace davy::store
