// The store of tests and of the simulated world: no file, no thread, no clock; lives as long as the object does.
#pragma once
#include <map>
#include <mutex>

#include "ports/journal.h"

namespace davy::store {

// Keeps the same rules as SqliteStore (store_contract_test.cc). A call takes effect when it is awaited and answers by
// a post to the caller's executor: a simulated crash in between leaves a record that nobody was told of, as a real one
// may. Any thread may call.
class Memory final : public ports::Journal, public ports::Desk, public ports::Samples {
 public:
  ports::Task<> create(ports::RunInfo, std::vector<ports::Record> first) override;
  ports::Task<> append(std::string run, std::int64_t epoch, std::int64_t expected_seq, std::vector<ports::Record>,
                       std::optional<Close> = {}) override;
  ports::Task<> claim(std::string run, std::int64_t epoch, std::int64_t expected_seq,
                      std::vector<ports::Record>) override;
  ports::Task<std::vector<ports::Record>> read(std::string run, std::int64_t after = 0) override;
  ports::Task<ports::RunInfo> info(std::string run) override;
  ports::Task<std::vector<ports::RunInfo>> runs(Filter) override;

  ports::Task<std::int64_t> put(std::string run, ports::DeskEntry) override;
  ports::Task<std::vector<ports::DeskEntry>> after(std::string run, std::int64_t number) override;

  ports::Task<> add(std::string run, std::vector<ports::Sample>) override;
  ports::Task<std::vector<ports::Sample>> since(std::string run, Duration grain, Time) override;

 private:
  struct Run {
    ports::RunInfo info;
    std::vector<ports::Record> records;
    std::vector<ports::DeskEntry> desk;
  };
  using Grain = std::pair<std::string, Duration>;

  Result<> create_now(ports::RunInfo, std::vector<ports::Record>&);
  Result<Run*> find(const std::string& run);
  void write(Run&, std::vector<ports::Record>&);

  template <class T, class Work>
  ports::Task<T> locked(Work);

  std::mutex mutex_;
  std::map<std::string, Run> runs_;
  std::map<Grain, std::map<Time, ports::Sample>> samples_;
};

}  // namespace davy::store
