#include "store/looking.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "store/bodies.h"
#include "store/rules.h"

namespace davy::store {
namespace {

using namespace ports;

constexpr std::int64_t kNamesToGuessFrom = 1000;

std::unexpected<Error> damaged(Tables& tables, const StreamRow& row, const std::string& what) {
  return fail(Code::internal,
              fmt::format("reading the journal of {} {} in {}: {}", word_of(row.kind), row.id, tables.place(), what),
              fmt::format("somebody or the disk changed it: copy the state directory away, and do not resume this {} "
                          "from it",
                          word_of(row.kind)));
}

std::unexpected<Error> unfit(Tables& tables, const StreamRow& row, std::int64_t seq) {
  return damaged(tables, row,
                 fmt::format("record {} is not what was written (its hash does not fit, or it is missing)", seq));
}

Hash origin_of(const StreamRow& row) { return chain_origin(word_of(row.kind), row.id); }

std::optional<Hash> hash_after(Tables& tables, const StreamRow& row, std::int64_t seq) {
  if (seq == 0) return origin_of(row);
  auto stored = tables.record(row.id, seq);
  return stored ? stored->hash : std::nullopt;
}

// One record in its place, and after the one before it.
Result<Record> fitting(Tables& tables, const StreamRow& row, std::int64_t seq) {
  auto before = hash_after(tables, row, seq - 1);
  auto stored = tables.record(row.id, seq);
  if (!before || !stored || stored->hash != chain_next(*before, stored->record)) return unfit(tables, row, seq);
  if (seq == row.seq && stored->hash != row.head) return unfit(tables, row, seq);
  return std::move(stored->record);
}

bool fits(const RunInfo& run, const Journal::Filter& filter) {
  if (!run.damage.empty()) return true;  // who knows what it was
  return (filter.service.empty() || std::ranges::count(run.services, filter.service) > 0) &&
         (filter.environment.empty() || run.environment == filter.environment) &&
         (filter.ending.empty() || run.ending == filter.ending) && (!filter.open_only || !run.ending);
}

// Nothing for a stream of another kind. What calls itself one must prove it, else a run could be hidden as a watch.
std::optional<RunInfo> listed(Tables& tables, const StreamRow& row) {
  auto stream = look_at(tables, row);
  if (stream && row.kind != StreamKind::run) return std::nullopt;
  auto run = stream ? run_of(*stream) : Result<RunInfo>(std::unexpected(stream.error()));
  if (run) return std::move(*run);
  return RunInfo{.id = row.id, .epoch = row.epoch, .seq = row.seq, .number = row.number, .damage = run.error().message};
}

RunInfo missing(Tables& tables, std::int64_t number) {
  return {.number = number,
          .damage = fmt::format("reading {}: stream number {} is missing: it was there once, and nothing removes any",
                                tables.place(), number)};
}

// Every stream that there ever was, the last that began first: those that are gone as well.
template <class Take>
void walk(Tables& tables, Take take) {
  auto number = tables.newest();
  bool on = true;
  for (auto row = tables.before(std::numeric_limits<std::int64_t>::max()); on && number > 0; --number) {
    if (row && row->number >= number) {
      number = row->number;
      if (auto run = listed(tables, *row)) on = take(std::move(*run));
      row = tables.before(row->number);
    } else {
      on = take(missing(tables, number));
    }
  }
}

}  // namespace

Result<StreamRow> known(Tables& tables, const std::string& id) {
  if (auto row = tables.stream(id)) return std::move(*row);
  return no_such_stream(id, tables.ids(kNamesToGuessFrom));
}

Result<StreamInfo> look_at(Tables& tables, const StreamRow& row) {
  StreamInfo out{.id = row.id, .kind = row.kind, .epoch = row.epoch, .number = row.number, .seq = row.seq};
  auto first = fitting(tables, row, 1);
  if (!first) return std::unexpected(first.error());
  if (auto read = read_opened(*first, out); !read) return damaged(tables, row, read.error().message);
  auto last = fitting(tables, row, row.seq);
  if (!last) return std::unexpected(last.error());
  if (tables.record(row.id, row.seq + 1)) return unfit(tables, row, row.seq + 1);
  bool over = last->kind == fmt::format("{} closed", word_of(row.kind));
  if (over == row.open)
    return damaged(tables, row,
                   fmt::format("it is marked as {}, and its last record says otherwise", row.open ? "open" : "ended"));
  if (over)
    if (auto read = read_closed(*last, out); !read) return damaged(tables, row, read.error().message);
  return out;
}

// The head (seq and hash of the last record) is read in the same snapshot: a chain alone does not miss its tail.
Result<std::vector<Record>> read_records(Tables& tables, const std::string& stream, std::int64_t after) {
  auto row = known(tables, stream);
  if (!row) return std::unexpected(row.error());
  std::vector<Record> out;
  auto seq = std::max<std::int64_t>(after, 0);
  if (seq > row->seq) return out;
  auto hash = hash_after(tables, *row, seq);
  if (!hash) return unfit(tables, *row, seq);
  for (auto& stored : tables.records(stream, seq)) {
    auto expected = chain_next(*hash, stored.record);
    if (stored.record.seq != ++seq || stored.hash != expected) return unfit(tables, *row, seq);
    hash = expected;
    out.push_back(std::move(stored.record));
  }
  if (seq < row->seq) return unfit(tables, *row, seq + 1);
  if (seq > row->seq || hash != row->head) return unfit(tables, *row, seq);
  return out;
}

Result<StreamInfo> read_stream(Tables& tables, const std::string& id) {
  auto row = known(tables, id);
  return row ? look_at(tables, *row) : std::unexpected(row.error());
}

Result<RunInfo> read_run(Tables& tables, const std::string& id) {
  auto stream = read_stream(tables, id);
  if (!stream) return std::unexpected(stream.error());
  if (stream->kind != StreamKind::run) return no_run(*stream);
  return run_of(*stream);
}

Result<std::vector<RunInfo>> read_runs(Tables& tables, const Journal::Filter& filter) {
  std::vector<RunInfo> out;
  auto room = [&] { return filter.most < 0 || std::ssize(out) < filter.most; };
  auto take = [&](RunInfo run) {
    if (room() && fits(run, filter)) out.push_back(std::move(run));
    return room();
  };
  if (!filter.open_only) {
    walk(tables, take);
    return out;
  }
  for (auto& row : tables.open_streams())
    if (auto run = listed(tables, row)) take(std::move(*run));
  return out;
}

Result<std::vector<StreamInfo>> read_open(Tables& tables, StreamKind kind) {
  std::vector<StreamInfo> out;
  for (auto& row : tables.open_streams()) {
    if (row.kind != kind) continue;
    auto stream = look_at(tables, row);
    if (!stream) return std::unexpected(stream.error());
    out.push_back(std::move(*stream));
  }
  return out;
}

}  // namespace davy::store
