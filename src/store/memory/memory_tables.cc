#include "store/memory/memory_tables.h"

#include <algorithm>
#include <ranges>

namespace davy::store {

using namespace ports;

std::optional<StreamRow> MemoryTables::stream(const std::string& id) {
  auto it = numbers_.find(id);
  return it == numbers_.end() ? std::nullopt : std::optional(streams_.at(it->second));
}

std::vector<StreamRow> MemoryTables::open_streams() {
  std::vector<StreamRow> out;
  for (auto& [_, row] : std::views::reverse(streams_))
    if (row.open) out.push_back(row);
  return out;
}

std::optional<StreamRow> MemoryTables::before(std::int64_t number) {
  auto it = streams_.lower_bound(number);
  return it == streams_.begin() ? std::nullopt : std::optional(std::prev(it)->second);
}

std::int64_t MemoryTables::newest() { return streams_.empty() ? 0 : streams_.rbegin()->first; }

std::vector<std::string> MemoryTables::ids(std::int64_t most) {
  std::vector<std::string> out;
  for (auto& [_, row] : std::views::reverse(streams_) | std::views::take(most)) out.push_back(row.id);
  return out;
}

void MemoryTables::add(const StreamRow& row) {
  numbers_[row.id] = row.number;
  streams_[row.number] = row;
}

void MemoryTables::change(const StreamRow& row) { streams_[row.number] = row; }

std::optional<StoredRecord> MemoryTables::record(const std::string& stream, std::int64_t seq) {
  auto& all = records_[stream];
  return seq < 1 || seq > std::ssize(all) ? std::nullopt : std::optional(*all[static_cast<std::size_t>(seq - 1)]);
}

std::vector<StoredRecord> MemoryTables::records(const std::string& stream, std::int64_t after) {
  std::vector<StoredRecord> out;
  for (auto& stored : records_[stream] | std::views::drop(after)) out.push_back(*stored);
  return out;
}

void MemoryTables::add(const std::string& stream, const StoredRecord& stored) {
  records_[stream].push_back(std::make_shared<const StoredRecord>(stored));
}

std::optional<std::string> MemoryTables::holder(const std::string& resource) {
  auto it = locks_.find(resource);
  return it == locks_.end() ? std::nullopt : std::optional(it->second);
}

void MemoryTables::lock(const std::string& resource, const std::string& stream) { locks_[resource] = stream; }

void MemoryTables::unlock(const std::string& resource) { locks_.erase(resource); }

void MemoryTables::unlock_all(const std::string& stream) {
  std::erase_if(locks_, [&](auto& lock) { return lock.second == stream; });
}

std::vector<DeskEntry> MemoryTables::desk(const std::string& stream, std::int64_t after) {
  std::vector<DeskEntry> out;
  std::ranges::copy_if(desks_[stream], std::back_inserter(out), [&](auto& entry) { return entry.number > after; });
  return out;
}

std::int64_t MemoryTables::last_on_desk(const std::string& stream) { return std::ssize(desks_[stream]); }

void MemoryTables::add(const std::string& stream, const DeskEntry& entry) { desks_[stream].push_back(entry); }

std::int64_t MemoryTables::cursor(const std::string& reader, const std::string& stream) {
  auto it = cursors_.find({reader, stream});
  return it == cursors_.end() ? 0 : it->second;
}

void MemoryTables::set_cursor(const std::string& reader, const std::string& stream, std::int64_t seq) {
  cursors_[{reader, stream}] = seq;
}

}  // namespace davy::store
