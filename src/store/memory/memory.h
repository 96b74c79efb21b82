// The store of tests and of the simulated world: no file, no thread, no clock; lives as long as the object does.
#pragma once
#include <map>
#include <mutex>

#include "ports/journal.h"
#include "store/memory/memory_tables.h"

namespace davy::store {

// Keeps the same rules as SqliteStore (store_contract_test.cc). A call takes effect when it is awaited and answers by
// a post to the caller's executor: a simulated crash in between leaves a record that nobody was told of, as a real one
// may. Any thread may call.
class Memory final : public ports::Store {
 public:
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

  ports::Task<std::int64_t> put(std::string stream, ports::DeskEntry) override;
  ports::Task<std::vector<ports::DeskEntry>> after(std::string stream, std::int64_t number) override;

  ports::Task<std::int64_t> cursor(std::string reader, std::string stream) override;
  ports::Task<> advance(std::string reader, std::string stream, std::int64_t seq) override;

  ports::Task<> add(ports::SampleKey, std::vector<ports::Sample>) override;
  ports::Task<std::vector<ports::Sample>> since(ports::SampleKey, Time from, Time to = Time::max(),
                                                std::int64_t most = kMost) override;
  ports::Task<std::vector<ports::Sample>> between(ports::SampleKey, Time from, Time to, std::size_t points) override;
  ports::Task<std::int64_t> prune(Before) override;

 private:
  struct Kept {
    ports::Sample sample;
    bool whole = true;  // false: its outline alone
  };
  using Series = std::map<Time, Kept>;

  template <class T, class Work>
  ports::Task<T> locked(Work);
  template <class T, class Work>
  ports::Task<T> written(Work);

  std::mutex mutex_;
  MemoryTables tables_;
  std::map<ports::SampleKey, Series> samples_;
};

}  // namespace davy::store
