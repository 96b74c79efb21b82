#include "backups/redis/loading.h"

#include <charconv>

namespace davy::backups {
namespace {

constexpr std::size_t kMostAtOnce = 4 * 1024 * 1024;

// A line with the cursor, then for each key two numbers, its name's length and when it expires, and the name. It writes
// nothing, as a replica takes no writes.
constexpr const char* kScan = R"(
local step = redis.call('SCAN', ARGV[1], 'COUNT', 200)
local now = redis.call('TIME')
now = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
local out = {step[1] .. '\n'}
for _, key in ipairs(step[2]) do
  local left = redis.call('PTTL', key)
  if left ~= -2 then
    local at = '0'
    if left >= 0 then at = string.format('%.0f', now + left) end
    out[#out + 1] = #key .. ' ' .. at .. '\n' .. key
  end
end
return table.concat(out)
)";

std::optional<std::string_view> line_of(std::string_view& text) {
  auto end = text.find('\n');
  if (end == text.npos) return {};
  auto out = text.substr(0, end);
  text.remove_prefix(end + 1);
  return out;
}

// Commands that put keys there, as many as are sent at once.
class Putting {
 public:
  explicit Putting(RedisSession& to) : to_(to) {}
  Result<> add(const ScannedKey& key, std::string dump) {
    bytes_ += key.name.size() + dump.size();
    all_.push_back({"RESTORE", key.name, key.expires, std::move(dump), "REPLACE", "ABSTTL"});
    return bytes_ >= kMostAtOnce ? flush() : Result<>();
  }
  Result<> flush() {
    auto done = to_.ask_all(all_);
    all_.clear(), bytes_ = 0;
    if (!done) return std::unexpected(done.error());
    return {};
  }

 private:
  RedisSession& to_;
  std::vector<RedisSession::Command> all_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<Scanned> scanned(std::string_view answer) {
  auto wrong = [] { return fail(Code::invalid, "what came of a scan is not understood"); };
  auto cursor = line_of(answer);
  if (!cursor) return wrong();
  Scanned out{.cursor = std::string(*cursor)};
  while (!answer.empty()) {
    auto line = line_of(answer);
    auto space = line ? line->find(' ') : std::string_view::npos;
    if (space == std::string_view::npos) return wrong();
    std::size_t size = 0;
    auto end = line->data() + space;
    if (std::from_chars(line->data(), end, size).ptr != end || size > answer.size()) return wrong();
    out.keys.push_back({std::string(answer.substr(0, size)), std::string(line->substr(space + 1))});
    answer.remove_prefix(size);
  }
  return out;
}

Result<std::int64_t> load_keys(RedisSession& scratch, std::int64_t database, RedisSession& to, Progress& progress) {
  if (auto chosen = scratch.ask({"SELECT", std::to_string(database)}); !chosen) return std::unexpected(chosen.error());
  std::int64_t came = 0;
  Putting putting(to);
  for (std::string cursor = "0";;) {
    auto answer = scratch.ask({"EVAL", kScan, "0", cursor}, std::chrono::seconds(60), RedisSession::kAnyValue);
    auto step = answer ? scanned(*answer) : std::unexpected(answer.error());
    if (!step) return std::unexpected(step.error());
    for (auto& key : step->keys) {
      auto dump = scratch.ask({"DUMP", key.name}, std::chrono::seconds(60), RedisSession::kAnyValue);
      if (!dump) return std::unexpected(dump.error());
      if (dump->empty()) continue;
      if (auto put = putting.add(key, *std::move(dump)); !put) return std::unexpected(put.error());
      progress.at(++came);
    }
    if (auto put = putting.flush(); !put) return std::unexpected(put.error());
    if (step->cursor == "0") return came;
    cursor = step->cursor;
  }
}

}  // namespace davy::backups
