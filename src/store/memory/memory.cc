#include "store/memory/memory.h"

#include <algorithm>

#include "judge/numbers/outline.h"
#include "store/looking.h"
#include "store/rules.h"
#include "store/sqlite/answered.h"
#include "store/writing.h"

namespace davy::store {

using namespace ports;

template <class T, class Work>
Task<T> Memory::locked(Work work) {
  return answered<T>([this, work = std::move(work)](Answer<T> answer) mutable {
    std::unique_lock lock(mutex_);
    Result<T> result = work();
    lock.unlock();
    answer(std::move(result));
  });
}

// Works on a copy, which takes the place of what was there when all went well.
template <class T, class Work>
Task<T> Memory::written(Work work) {
  return locked<T>([this, work = std::move(work)]() mutable -> Result<T> {
    auto tables = tables_;
    Result<T> result = work(tables);
    if (result) tables_ = std::move(tables);
    return result;
  });
}

Task<> Memory::create(RunInfo info, std::vector<Record> first) {
  return written<void>(
      [info = std::move(info), first = std::move(first)](Tables& tables) { return create_run(tables, info, first); });
}

Task<> Memory::open(Opening opening) {
  return written<void>([opening = std::move(opening)](Tables& tables) { return open_stream(tables, opening); });
}

Task<> Memory::append(std::string stream, std::int64_t epoch, std::int64_t expected_seq, std::vector<Record> records,
                      After then) {
  return written<void>([=, records = std::move(records), then = std::move(then)](Tables& tables) {
    return append_records(tables, stream, epoch, expected_seq, records, then);
  });
}

Task<> Memory::claim(std::string stream, std::int64_t epoch, std::int64_t expected_seq, std::vector<Record> records) {
  return written<void>([=, records = std::move(records)](Tables& tables) {
    return claim_stream(tables, stream, epoch, expected_seq, records);
  });
}

Task<std::vector<Record>> Memory::read(std::string stream, std::int64_t after) {
  return locked<std::vector<Record>>([=, this] { return read_records(tables_, stream, after); });
}

Task<RunInfo> Memory::info(std::string run) {
  return locked<RunInfo>([=, this] { return read_run(tables_, run); });
}

Task<StreamInfo> Memory::stream(std::string id) {
  return locked<StreamInfo>([=, this] { return read_stream(tables_, id); });
}

Task<std::vector<RunInfo>> Memory::runs(Filter filter) {
  return locked<std::vector<RunInfo>>([=, this] { return read_runs(tables_, filter); });
}

Task<std::vector<StreamInfo>> Memory::open_streams(StreamKind kind) {
  return locked<std::vector<StreamInfo>>([=, this] { return read_open(tables_, kind); });
}

Task<std::optional<std::string>> Memory::holder(std::string resource) {
  using Holder = std::optional<std::string>;
  return locked<Holder>([=, this]() -> Result<Holder> { return tables_.holder(resource); });
}

Task<std::int64_t> Memory::put(std::string stream, DeskEntry entry) {
  return written<std::int64_t>([=](Tables& tables) { return put_on_desk(tables, stream, entry); });
}

Task<std::vector<DeskEntry>> Memory::after(std::string stream, std::int64_t number) {
  using Entries = std::vector<DeskEntry>;
  return locked<Entries>([=, this]() -> Result<Entries> { return tables_.desk(stream, number); });
}

Task<std::int64_t> Memory::cursor(std::string reader, std::string stream) {
  return locked<std::int64_t>([=, this]() -> Result<std::int64_t> { return tables_.cursor(reader, stream); });
}

Task<> Memory::advance(std::string reader, std::string stream, std::int64_t seq) {
  return written<void>([=](Tables& tables) { return advance_cursor(tables, reader, stream, seq); });
}

Task<> Memory::add(SampleKey key, std::vector<Sample> samples) {
  return locked<void>([this, key = std::move(key), samples = std::move(samples)]() mutable -> Result<> {
    for (auto& sample : samples)
      if (auto fits = may_be_kept(sample); !fits) return fits;
    for (auto& sample : samples) samples_[key].insert_or_assign(sample.from, Kept{std::move(sample)});
    return {};
  });
}

Task<std::vector<Sample>> Memory::since(SampleKey key, Time from, Time to, std::int64_t most) {
  return locked<std::vector<Sample>>([=, this]() -> Result<std::vector<Sample>> {
    auto& series = samples_[key];
    std::vector<Sample> out;
    for (auto it = series.lower_bound(from); it != series.end() && it->first < to; ++it)
      if (it->second.whole) out.push_back(it->second.sample);
    auto surplus = std::max<std::int64_t>(0, std::ssize(out) - std::max<std::int64_t>(most, 0));
    out.erase(out.begin(), out.begin() + surplus);
    return out;
  });
}

Task<std::vector<Sample>> Memory::between(SampleKey key, Time from, Time to, std::size_t points) {
  return locked<std::vector<Sample>>([=, this]() -> Result<std::vector<Sample>> {
    auto& series = samples_[key];
    std::vector<Sample> out;
    for (auto it = series.lower_bound(from); it != series.end() && it->first < to; ++it)
      out.push_back(it->second.sample);
    return judge::in_points(out, points, kNewest);
  });
}

Task<std::int64_t> Memory::prune(Before before) {
  return locked<std::int64_t>([=, this]() -> Result<std::int64_t> {
    std::int64_t done = 0;
    for (auto& [_, series] : samples_) {
      for (; done < kPrunedAtOnce && !series.empty() && series.begin()->first < before.all; ++done)
        series.erase(series.begin());
      for (auto it = series.begin(); done < kPrunedAtOnce && it != series.end() && it->first < before.details; ++it)
        if (std::exchange(it->second.whole, false)) it->second.sample = judge::outline(it->second.sample), ++done;
    }
    return done;
  });
}

}  // namespace davy::store
