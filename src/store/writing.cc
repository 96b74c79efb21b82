#include "store/writing.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/bodies.h"
#include "store/looking.h"
#include "store/rules.h"

namespace davy::store {
namespace {

using namespace ports;

// What decides over a write, by the row alone: an append is as quick in a long journal as in a short one.
StreamInfo stored(Tables& tables, const StreamRow& row) {
  StreamInfo out{.id = row.id, .kind = row.kind, .epoch = row.epoch, .number = row.number, .seq = row.seq};
  if (row.open) return out;
  auto last = tables.record(row.id, row.seq);
  if (!last || !read_closed(last->record, out)) out.ending = "nobody knows how: its last record is damaged";
  return out;
}

// Numbers the records itself, after those that are there: a caller's own numbers can only be right or wrong.
Result<> extend(Tables& tables, StreamRow& row, const std::vector<Record>& records) {
  if (!row.head)
    return fail(Code::internal,
                fmt::format("the journal of {} {} in {} is damaged: the hash of its last record is no hash",
                            word_of(row.kind), row.id, tables.place()),
                "copy the state directory away before anything else");
  for (auto record : records) {
    record.seq = ++row.seq;
    row.head = chain_next(*row.head, record);
    tables.add(row.id, StoredRecord{std::move(record), row.head});
  }
  return {};
}

std::unexpected<Error> held(Tables& tables, const std::string& resource, const std::string& holder) {
  auto row = known(tables, holder);
  if (!row) return std::unexpected(row.error());
  auto info = look_at(tables, *row);
  return info ? lock_held(resource, *info) : std::unexpected(info.error());
}

Result<> take(Tables& tables, const std::string& resource, const std::string& stream) {
  auto holder = tables.holder(resource);
  if (holder && *holder != stream) return held(tables, resource, *holder);
  if (!holder) tables.lock(resource, stream);
  return {};
}

Result<> give(Tables& tables, const std::string& resource, const StreamRow& row) {
  auto info = look_at(tables, row);
  if (!info) return std::unexpected(info.error());
  if (auto may = may_give(*info, resource, tables.holder(resource)); !may) return may;
  tables.unlock(resource);
  return {};
}

// Held by the run that is to be given what `run` holds when that ends.
std::string place_behind(const std::string& run) { return "behind " + run; }

Result<> end(Tables&, StreamRow&, Time, const Close&);

// In the same transaction as the end of the one before: at every moment one run holds the locks.
Result<> pass_on(Tables& tables, const StreamRow& from, Time at, const Close& how) {
  auto next = tables.holder(place_behind(from.id));
  if (!next) return {};
  tables.unlock(place_behind(from.id));
  auto row = known(tables, *next);
  if (!row) return std::unexpected(row.error());
  if (!how.hands_over)
    return end(tables, *row, at,
               {.ending = "refused",
                .sentence = fmt::format("run {}, which it was to replace, ended as {} first: {}", from.id, how.ending,
                                        how.sentence)});
  auto info = look_at(tables, *row);
  if (!info) return std::unexpected(info.error());
  for (auto& resource : info->locks)
    if (auto taken = take(tables, resource, *next); !taken) return taken;
  return {};
}

// The end has the time of its last record: the store has no clock, so that a replay in simulation ends alike.
Result<> end(Tables& tables, StreamRow& row, Time at, const Close& close) {
  if (auto extended = extend(tables, row, {closed(row.kind, at, close)}); !extended) return extended;
  row.open = false;
  tables.change(row);
  tables.unlock_all(row.id);
  return pass_on(tables, row, at, close);
}

Result<> supersede(Tables& tables, const Supersede& what, const std::string& by, Time at) {
  auto holder = tables.holder(what.resource);
  if (!holder || *holder == by) return {};
  auto row = known(tables, *holder);
  if (!row) return std::unexpected(row.error());
  ++row->epoch;
  if (auto extended = extend(tables, *row, {superseded(row->kind, at, by)}); !extended) return extended;
  tables.change(*row);
  return what.close ? end(tables, *row, at, *what.close) : Result<>();
}

Result<> begin(Tables& tables, StreamInfo info, const std::vector<Record>& first,
               const std::vector<std::string>& take_now) {
  if (tables.stream(info.id)) return stream_exists(info.id);
  if (auto may = may_write(first); !may) return may;
  info.number = tables.newest() + 1;
  StreamRow row{.number = info.number,
                .id = info.id,
                .kind = info.kind,
                .epoch = info.epoch,
                .head = chain_origin(word_of(info.kind), info.id)};
  tables.add(row);
  for (auto& resource : take_now)
    if (auto taken = take(tables, resource, info.id); !taken) return taken;
  if (auto extended = extend(tables, row, {opened(info)}); !extended) return extended;
  if (auto extended = extend(tables, row, first); !extended) return extended;
  tables.change(row);
  return {};
}

// By what the open runs say of themselves: a lock that was taken out of its table still holds.
Result<> none_in_the_way(Tables& tables, const RunInfo& run) {
  auto open = read_open(tables, StreamKind::run);
  if (!open) return std::unexpected(open.error());
  for (auto& stream : *open)
    for (auto& service : run.services)
      if (std::ranges::count(stream.locks, lock_of_service(service, run.environment)) > 0) {
        auto other = run_of(stream);
        return other ? run_in_the_way(service, *other) : std::unexpected(other.error());
      }
  return {};
}

// The run in the way keeps its locks until it ends; whoever stood behind it makes room.
Result<> create_behind(Tables& tables, const RunInfo& run, const std::vector<Record>& first) {
  auto row = known(tables, run.replaces);
  if (!row) return std::unexpected(row.error());
  auto info = look_at(tables, *row);
  if (!info) return std::unexpected(info.error());
  if (auto may = may_replace(run, *info); !may) return may;
  auto place = place_behind(run.replaces);
  if (auto other = tables.holder(place)) {
    auto gives_way = known(tables, *other);
    if (!gives_way) return std::unexpected(gives_way.error());
    Close close{.ending = "refused", .sentence = fmt::format("run {} is to replace {} instead", run.id, run.replaces)};
    if (auto ended = end(tables, *gives_way, run.started, close); !ended) return ended;
  }
  return begin(tables, stream_of(run), first, {place});
}

// It was given what it is to hold. A lock that was taken out of its table still holds.
Result<> may_drive(Tables& tables, const StreamRow& row) {
  auto info = look_at(tables, row);
  if (!info) return std::unexpected(info.error());
  for (auto& resource : info->locks)
    if (auto holder = tables.holder(resource); holder && *holder != row.id) return held(tables, resource, *holder);
  return {};
}

Time time_of_last(Tables& tables, const StreamRow& row) {
  auto last = tables.record(row.id, row.seq);
  return last ? last->record.at : Time{};
}

Result<> carry_out(Tables& tables, StreamRow& row, const After& after) {
  for (auto& resource : after.take)
    if (auto taken = take(tables, resource, row.id); !taken) return taken;
  for (auto& resource : after.give)
    if (auto given = give(tables, resource, row); !given) return given;
  if (!after.close && after.supersede.empty() && after.open.empty()) return {};
  auto at = time_of_last(tables, row);
  if (after.close)
    if (auto ended = end(tables, row, at, *after.close); !ended) return ended;
  for (auto& other : after.supersede)
    if (auto gone = supersede(tables, other, row.id, at); !gone) return gone;
  for (auto& opening : after.open)
    if (auto began = open_stream(tables, opening); !began) return began;
  return {};
}

}  // namespace

Result<> create_run(Tables& tables, const RunInfo& run, const std::vector<Record>& first) {
  if (auto may = may_create(run); !may) return may;
  if (tables.stream(run.id)) return stream_exists(run.id);
  if (!run.replaces.empty()) return create_behind(tables, run, first);
  if (auto clear = none_in_the_way(tables, run); !clear) return clear;
  auto info = stream_of(run);
  if (auto began = begin(tables, info, first, info.locks); !began) return began;
  for (auto& service : run.services)
    if (auto gone = supersede(tables, {lock_of_watch(service, run.environment)}, run.id, run.started); !gone)
      return gone;
  return {};
}

Result<> open_stream(Tables& tables, const Opening& opening) {
  if (auto may = may_open(opening); !may) return may;
  return begin(tables, opening.info, opening.first, opening.info.locks);
}

Result<> append_records(Tables& tables, const std::string& stream, std::int64_t epoch, std::int64_t expected_seq,
                        const std::vector<Record>& records, const After& after) {
  auto row = known(tables, stream);
  if (!row) return std::unexpected(row.error());
  if (auto may = may_append(stored(tables, *row), epoch, expected_seq); !may) return may;
  if (auto may = may_write(records); !may) return may;
  if (auto extended = extend(tables, *row, records); !extended) return extended;
  if (!records.empty()) tables.change(*row);
  return carry_out(tables, *row, after);
}

Result<> claim_stream(Tables& tables, const std::string& stream, std::int64_t epoch, std::int64_t expected_seq,
                      const std::vector<Record>& records) {
  auto row = known(tables, stream);
  if (!row) return std::unexpected(row.error());
  if (auto may = may_claim(stored(tables, *row), epoch, expected_seq); !may) return may;
  if (auto may = may_drive(tables, *row); !may) return may;
  if (auto may = may_write(records); !may) return may;
  row->epoch = epoch;
  if (auto extended = extend(tables, *row, records); !extended) return extended;
  tables.change(*row);
  return {};
}

Result<std::int64_t> put_on_desk(Tables& tables, const std::string& stream, DeskEntry entry) {
  auto row = known(tables, stream);
  if (!row) return std::unexpected(row.error());
  if (auto may = may_ask(stored(tables, *row)); !may) return std::unexpected(may.error());
  entry.number = tables.last_on_desk(stream) + 1;
  tables.add(stream, entry);
  return entry.number;
}

Result<> advance_cursor(Tables& tables, const std::string& reader, const std::string& stream, std::int64_t seq) {
  auto row = known(tables, stream);
  if (!row) return std::unexpected(row.error());
  if (auto may = may_advance(stored(tables, *row), seq); !may) return may;
  if (seq > tables.cursor(reader, stream)) tables.set_cursor(reader, stream, seq);
  return {};
}

}  // namespace davy::store
