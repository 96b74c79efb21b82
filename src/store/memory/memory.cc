#include "store/memory/memory.h"

#include <algorithm>
#include <ranges>

#include "store/rules.h"
#include "store/sqlite/answered.h"

namespace davy::store {
namespace {

using namespace ports;

bool fits(const RunInfo& run, const Journal::Filter& filter) {
  return (filter.service.empty() || std::ranges::count(run.services, filter.service) > 0) &&
         (filter.environment.empty() || run.environment == filter.environment) &&
         (filter.ending.empty() || run.ending == filter.ending) && (!filter.open_only || !run.ending);
}

}  // namespace

template <class T, class Work>
Task<T> Memory::locked(Work work) {
  return answered<T>([this, work = std::move(work)](Answer<T> answer) mutable {
    std::unique_lock lock(mutex_);
    Result<T> result = work();
    lock.unlock();
    answer(std::move(result));
  });
}

Result<Memory::Run*> Memory::find(const std::string& run) {
  if (auto it = runs_.find(run); it != runs_.end()) return &it->second;
  auto keys = std::views::keys(runs_);
  return no_such_run(run, std::vector<std::string>(keys.begin(), keys.end()));
}

void Memory::write(Run& run, std::vector<Record>& records) {
  for (auto& record : records) {
    record.seq = ++run.info.seq;
    run.records.push_back(std::move(record));
  }
}

Result<> Memory::create_now(RunInfo info, std::vector<Record>& first) {
  if (auto may = may_create(info); !may) return may;
  if (runs_.contains(info.id)) return run_exists(info.id);
  for (auto& service : info.services)
    for (auto& [_, other] : runs_)
      if (!other.info.ending && other.info.environment == info.environment &&
          std::ranges::find(other.info.services, service) != other.info.services.end())
        return lock_held(service, other.info);
  info.seq = 0;
  info.ended.reset();
  info.ending.reset();
  auto& run = runs_[info.id];
  run.info = std::move(info);
  write(run, first);
  return {};
}

Task<> Memory::create(RunInfo info, std::vector<Record> first) {
  return locked<void>([this, info = std::move(info), first = std::move(first)]() mutable {
    return create_now(std::move(info), first);
  });
}

Task<> Memory::append(std::string run, std::int64_t epoch, std::int64_t expected_seq, std::vector<Record> records,
                      std::optional<Close> close) {
  return locked<void>([=, this, records = std::move(records)]() mutable -> Result<> {
    auto found = find(run);
    if (!found) return std::unexpected(found.error());
    auto& [info, kept, desk] = **found;
    if (auto may = may_append(info, epoch, expected_seq); !may) return may;
    write(**found, records);
    if (!close) return {};
    info.ended = kept.empty() ? info.started : kept.back().at;
    info.ending = close->ending;
    info.sentence = close->sentence;
    return {};
  });
}

Task<> Memory::claim(std::string run, std::int64_t epoch, std::int64_t expected_seq, std::vector<Record> records) {
  return locked<void>([=, this, records = std::move(records)]() mutable -> Result<> {
    auto found = find(run);
    if (!found) return std::unexpected(found.error());
    if (auto may = may_claim((*found)->info, epoch, expected_seq); !may) return may;
    (*found)->info.epoch = epoch;
    write(**found, records);
    return {};
  });
}

Task<std::vector<Record>> Memory::read(std::string run, std::int64_t after) {
  return locked<std::vector<Record>>([=, this]() -> Result<std::vector<Record>> {
    auto found = find(run);
    if (!found) return std::unexpected(found.error());
    auto& records = (*found)->records;
    auto skip = std::clamp<std::int64_t>(after, 0, std::ssize(records));
    return std::vector<Record>(records.begin() + skip, records.end());
  });
}

Task<RunInfo> Memory::info(std::string run) {
  return locked<RunInfo>([=, this]() -> Result<RunInfo> {
    auto found = find(run);
    if (!found) return std::unexpected(found.error());
    return (*found)->info;
  });
}

Task<std::vector<RunInfo>> Memory::runs(Filter filter) {
  return locked<std::vector<RunInfo>>([=, this]() -> Result<std::vector<RunInfo>> {
    std::vector<RunInfo> out;
    for (auto& [_, run] : runs_)
      if (fits(run.info, filter)) out.push_back(run.info);
    std::ranges::sort(out, std::greater{}, [](const RunInfo& run) { return std::tie(run.started, run.id); });
    if (filter.most >= 0 && std::ssize(out) > filter.most) out.resize(static_cast<std::size_t>(filter.most));
    return out;
  });
}

Task<std::int64_t> Memory::put(std::string run, DeskEntry entry) {
  return locked<std::int64_t>([=, this]() mutable -> Result<std::int64_t> {
    auto found = find(run);
    if (!found) return std::unexpected(found.error());
    if (auto may = may_ask((*found)->info); !may) return std::unexpected(may.error());
    auto& desk = (*found)->desk;
    entry.number = std::ssize(desk) + 1;
    desk.push_back(entry);
    return entry.number;
  });
}

Task<std::vector<DeskEntry>> Memory::after(std::string run, std::int64_t number) {
  return locked<std::vector<DeskEntry>>([=, this]() -> Result<std::vector<DeskEntry>> {
    std::vector<DeskEntry> out;
    if (auto it = runs_.find(run); it != runs_.end())
      std::ranges::copy_if(it->second.desk, std::back_inserter(out),
                           [&](auto& entry) { return entry.number > number; });
    return out;
  });
}

Task<> Memory::add(std::string run, std::vector<Sample> samples) {
  return locked<void>([this, run = std::move(run), samples = std::move(samples)]() mutable -> Result<> {
    for (auto& sample : samples) samples_[{run, sample.grain}].insert_or_assign(sample.at, std::move(sample));
    return {};
  });
}

Task<std::vector<Sample>> Memory::since(std::string run, Duration grain, Time from) {
  return locked<std::vector<Sample>>([=, this]() -> Result<std::vector<Sample>> {
    auto& series = samples_[{run, grain}];
    std::vector<Sample> out;
    for (auto it = series.lower_bound(from); it != series.end(); ++it) out.push_back(it->second);
    return out;
  });
}

}  // namespace davy::store
