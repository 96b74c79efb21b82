// The journal, the desk and the samples: what a run remembers. One implementation in memory, one in SQLite, one
// contract suite over both (src/store/store_contract_test.cc). Bodies are opaque JSON here; src/run gives them meaning.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ports/task.h"

namespace davy::ports {

struct Record {
  std::int64_t seq = 0;  // counted from 1, without gaps
  Time at{};
  std::string kind, body;
};

struct RunInfo {
  std::string id;  // short, sortable by start: see store/run_id.h
  std::vector<std::string> services;
  std::string environment, version, release;  // release: the candidate's id
  std::string digest;                         // of plan and environment: what "already serves" compares
  std::string runbook_hash;
  std::string who, why;
  Time started{};
  std::optional<Time> ended{};
  std::optional<std::string> ending{};  // word of run::Ending; nothing while the run is open
  std::string sentence{};
  std::int64_t epoch = 0, seq = 0;
};

// Append-only and hash-chained: hash = SHA-256(previous hash ‖ seq ‖ at ‖ kind ‖ body). Durable when a call returns.
struct Journal {
  virtual ~Journal() = default;

  // A new run with its first records, and the lock of each service in its environment. Code::refused when another open
  // run holds one of them; the message says who, since when, why, and the run's id.
  virtual Task<> create(RunInfo, std::vector<Record> first) = 0;

  // Appends under (epoch, expected seq). Code::conflict when either does not match: this process lost the run and must
  // stop at once. An ending in the same call closes the run and gives its locks back, in the same transaction.
  // Code::no_space: nothing was written; the reserve is released and the call tried once more before it says so.
  struct Close {
    std::string ending, sentence;
  };
  virtual Task<> append(std::string run, std::int64_t epoch, std::int64_t expected_seq, std::vector<Record>,
                        std::optional<Close> close = {}) = 0;

  // As append, but raises the run's epoch to `epoch`, which must be higher than the stored one: fences the Davy before.
  virtual Task<> claim(std::string run, std::int64_t epoch, std::int64_t expected_seq, std::vector<Record>) = 0;

  // Records with seq > after. Verifies the chain of what it reads; Code::internal with the seq that does not fit.
  virtual Task<std::vector<Record>> read(std::string run, std::int64_t after = 0) = 0;

  virtual Task<RunInfo> info(std::string run) = 0;  // Code::invalid with the nearest id when there is none
  struct Filter {
    std::string service, environment, ending;  // empty: any
    bool open_only = false;
    int most = 50;
  };
  virtual Task<std::vector<RunInfo>> runs(Filter) = 0;  // newest first
};

// What many processes may write and only the run's engine turns into events: hold, approve, roll back.
struct DeskEntry {
  std::int64_t number = 0;  // rising within a run
  Time at{};
  std::string who, ask, about, note;
};
struct Desk {
  virtual ~Desk() = default;
  virtual Task<std::int64_t> put(std::string run, DeskEntry) = 0;  // answers its number
  virtual Task<std::vector<DeskEntry>> after(std::string run, std::int64_t number) = 0;
};

// Numbers for charts, rehearsal and refilling a judge after a crash. Not hashed, not fsynced on every row, may be lost.
// grain: 1 s, 10 s or 1 min (the store keeps what it is given; who writes rolls up).
struct Sample {
  Time at{};
  Duration grain{};
  std::string body;
};
struct Samples {
  virtual ~Samples() = default;
  virtual Task<> add(std::string run, std::vector<Sample>) = 0;
  virtual Task<std::vector<Sample>> since(std::string run, Duration grain, Time) = 0;
};

}  // namespace davy::ports
