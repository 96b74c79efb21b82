// Streams, the desk, cursors and samples: what Davy remembers. One implementation in memory, one in SQLite, one
// contract suite over both (src/store/store_contract_test.cc). Bodies are opaque JSON here; src/run gives them meaning.
//
// A stream is one durable thing: a run, a watch, an incident. It has one writer at a time, fenced by an epoch, and its
// records are hash-chained. Its first record ("run opened") is written by the store and holds what is known of it; so
// is the last one of a stream that has ended ("run closed"). What a list of runs says is read from these two alone.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "judge/numbers/window.h"
#include "ports/task.h"

namespace davy::ports {

struct Record {
  std::int64_t seq = 0;  // counted from 1, without gaps
  Time at{};
  std::string kind, body;
};

enum class StreamKind { run, watch, incident };

// The records that the store writes itself, in streams of every kind: "run opened", "watch closed". An event may not be
// called so: its append is Code::invalid.
bool written_by_the_store(const Record&);

// What the first record of any stream says of it, and what became of it since.
struct StreamInfo {
  std::string id;
  StreamKind kind = StreamKind::watch;
  std::vector<std::string> locks{};  // resources that it holds from its first record to its end
  std::string about = "{}";          // JSON: what it is about, for who knows this kind
  Time opened{};
  std::int64_t epoch = 1;
  // Answered by the store; not looked at when a stream is opened.
  std::int64_t number = 0;  // of all streams, from 1, in the order in which they began, whatever the clock said
  std::int64_t seq = 0;
  std::optional<Time> closed{};
  std::optional<std::string> ending{};  // nothing while it is open
  std::string sentence{};
};

struct RunInfo {
  std::string id;  // short, sortable by start: see store/run_id.h
  std::vector<std::string> services;
  std::string environment, version, release;  // release: the candidate's id
  std::string digest;                         // of plan and environment: what "already serves" compares
  std::string runbook_hash;
  std::string who, why;
  std::string replaces{};  // an open run, whose locks this one is given when that ends; empty: it takes its own now
  Time started{};
  std::optional<Time> ended{};
  std::optional<std::string> ending{};  // word of run::Ending; nothing while the run is open
  std::string sentence{};
  std::int64_t epoch = 0, seq = 0;
  std::int64_t number = 0;  // as StreamInfo::number
  // Not empty: what is stored of this run is not what was written, and this says what. Then nothing else here is to be
  // believed; a run that is missing has only its number.
  std::string damage{};
};

// Resources that are locked by name.
std::string lock_of_service(std::string_view service, std::string_view environment);
std::string lock_of_watch(std::string_view service, std::string_view environment);

struct Opening {
  StreamInfo info;
  std::vector<Record> first;
};
struct Close {
  std::string ending, sentence;
  // What served before serves again, so a run that was created to replace this one is given its locks, in the same
  // transaction. Without it that one ends, too, as refused: it was to replace something else.
  bool hands_over = false;
};
// Whoever holds this resource gives way, if anybody does: its stream is claimed with the next epoch, so that the
// process that drove it is fenced, and gets a record "watch superseded" that names who superseded it. With `close` it
// ends; without, it may be claimed again and go on (the watch of a release whose next one was taken back).
struct Supersede {
  std::string resource;
  std::optional<Close> close{};
};
// What is written together with an append, in this order.
struct After {
  std::vector<std::string> take{}, give{};  // locks; those of the opening are given back by the end alone
  std::optional<Close> close{};             // this stream ends, and gives back every lock
  std::vector<Supersede> supersede{};
  std::vector<Opening> open{};  // streams that begin now: never runs, which create() alone begins
};

// Append-only and hash-chained: hash = SHA-256(previous hash ‖ seq ‖ at ‖ kind ‖ body). Durable when a call returns.
// Each call is one transaction: all of it is written, or nothing.
struct Journal {
  virtual ~Journal() = default;

  // A new run with its first records, and the lock of each service in its environment; the watch of each service there
  // is superseded, and may be claimed again. Code::refused when another open run holds a lock; the message says who,
  // since when, why, and the run's id. Code::conflict: there is a stream of this id.
  // With `replaces` it takes no lock: that open run keeps them until it ends, and hands them over (Close). Of two that
  // were to replace it the later one counts; the other ends as refused.
  virtual Task<> create(RunInfo, std::vector<Record> first) = 0;

  // A new stream of another kind; Code::refused when one of its locks is held, and by whom.
  virtual Task<> open(Opening) = 0;

  // Appends under (epoch, expected seq). Code::conflict when either does not match: this process lost the stream and
  // must stop at once. Code::refused: a lock in `after` is held. Code::unavailable: others kept the file locked, or it
  // is no longer where it was. Code::no_space: nothing was written; the reserve is released and the call tried once
  // more before it says so.
  virtual Task<> append(std::string stream, std::int64_t epoch, std::int64_t expected_seq, std::vector<Record>,
                        After = {}) = 0;

  // As append, but raises the epoch to `epoch`, which must be higher than the stored one: fences the Davy before.
  // Code::refused: another stream holds a lock that this one has not been given yet.
  virtual Task<> claim(std::string stream, std::int64_t epoch, std::int64_t expected_seq, std::vector<Record>) = 0;

  // Records with seq > after. Verifies the chain of what it reads; Code::internal with the seq that does not fit.
  virtual Task<std::vector<Record>> read(std::string stream, std::int64_t after = 0) = 0;

  // Code::invalid with the nearest id when there is none; Code::internal when it is damaged.
  virtual Task<RunInfo> info(std::string run) = 0;
  virtual Task<StreamInfo> stream(std::string id) = 0;

  struct Filter {
    std::string service, environment, ending;  // empty: any
    bool open_only = false;
    int most = 50;
  };
  // The last that began first. One that is damaged or missing is listed as that, unless a filter surely excludes it.
  virtual Task<std::vector<RunInfo>> runs(Filter) = 0;
  // Open streams of a kind, the last that began first. Code::internal when one is damaged.
  virtual Task<std::vector<StreamInfo>> open_streams(StreamKind) = 0;

  // The stream that holds this resource now.
  virtual Task<std::optional<std::string>> holder(std::string resource) = 0;
};

// What many processes may write and only the stream's writer turns into events: hold, approve, roll back.
struct DeskEntry {
  std::int64_t number = 0;  // rising within a stream
  Time at{};
  std::string who, ask, about, note;
  std::string speaker{};  // JSON: what is known of who asks, beyond the name
};
struct Desk {
  virtual ~Desk() = default;
  virtual Task<std::int64_t> put(std::string stream, DeskEntry) = 0;  // answers its number
  virtual Task<std::vector<DeskEntry>> after(std::string stream, std::int64_t number) = 0;
};

// How far a reader has come in a stream: who delivers notices goes on there after a crash.
struct Cursors {
  virtual ~Cursors() = default;
  virtual Task<std::int64_t> cursor(std::string reader, std::string stream) = 0;  // 0: it has read nothing yet
  // Durable when it returns. Never backwards: a lower seq leaves it where it was. Code::invalid beyond the last record,
  // or where there is no such stream.
  virtual Task<> advance(std::string reader, std::string stream, std::int64_t seq) = 0;
};

// What was seen, for charts, rehearsal and refilling a judge after a crash: windows of any length, as the judge's
// sampler makes them. Not hashed, not fsynced on every row, may be lost.
using Sample = judge::Window;
// What samples are of. A run keeps its own under its first service and that one's candidate, a watch goes on with the
// same; release is empty where none is meant: what a service shows through all of its releases.
struct SampleKey {
  std::string service, environment, release;
  auto operator<=>(const SampleKey&) const = default;
};
SampleKey samples_of(const RunInfo&);

struct Samples {
  static constexpr std::int64_t kMost = 100'000;  // a day of seconds, and some
  static constexpr std::size_t kNewest = 20;      // that a chart shows as they are
  virtual ~Samples() = default;
  // A sample of the same key that begins at the same time replaces the one before. Code::invalid for one that is larger
  // than judge::kMostPacked.
  virtual Task<> add(SampleKey, std::vector<Sample>) = 0;
  // That begin at from or later and before to, oldest first; of more than `most` the newest. Code::internal names the
  // stretch that cannot be read.
  virtual Task<std::vector<Sample>> since(SampleKey, Time from, Time to = Time::max(), std::int64_t most = kMost) = 0;
  // The same for a chart: outlines (judge/numbers/outline.h) merged to about so many points, of all that is kept. It
  // costs what its points cost, not what the stretch holds.
  virtual Task<std::vector<Sample>> between(SampleKey, Time from, Time to, std::size_t points) = 0;
  // Drops what is older than `all`, and of what is older than `details` all but its outlines, of all keys; and packs
  // what is older than `at_rest`. What was packed together goes when all of it is older. Only a little at once, since
  // others wait meanwhile: answers how much. Repeat until it answers 0.
  static constexpr std::int64_t kPrunedAtOnce = 2'000;
  struct Before {
    Time all{}, details{}, at_rest{};
  };
  virtual Task<std::int64_t> prune(Before) = 0;
};

// All of it at one place.
struct Store : Journal, Desk, Cursors, Samples {};

}  // namespace davy::ports
