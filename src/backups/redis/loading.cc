#include "backups/redis/loading.h"

#include <charconv>
#include <optional>

#include "base/text.h"

namespace davy::backups {
namespace {

constexpr std::size_t kMostAtOnce = 4 * 1024 * 1024;

// A line with the cursor, then for each key a line with the length of its name, when it expires, and the length of what
// it is; then its name, and that. It writes nothing, as a replica takes no writes.
constexpr const char* kScan = R"(
local step = redis.call('SCAN', ARGV[1], 'COUNT', 500)
local now = redis.call('TIME')
now = tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
local out, size = {step[1] .. '\n'}, 0
for _, key in ipairs(step[2]) do
  local left = redis.call('PTTL', key)
  if left ~= -2 then
    local at, dump = '0', ''
    if left >= 0 then at = string.format('%.0f', now + left) end
    if size < 4000000 then dump = redis.call('DUMP', key) or '' end
    size = size + #dump
    out[#out + 1] = #key .. ' ' .. at .. ' ' .. #dump .. '\n' .. key .. dump
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

std::optional<std::string_view> taken(std::string_view& text, std::string_view size) {
  std::size_t count = 0;
  auto end = size.data() + size.size();
  if (size.empty() || std::from_chars(size.data(), end, count).ptr != end || count > text.size()) return {};
  auto out = text.substr(0, count);
  text.remove_prefix(count);
  return out;
}

// Commands that put keys there, as many as are sent at once.
class Putting {
 public:
  explicit Putting(RedisSession& to) : to_(to) {}
  Result<> add(ScannedKey key) {
    bytes_ += key.name.size() + key.dump.size();
    all_.push_back({"RESTORE", std::move(key.name), std::move(key.expires), std::move(key.dump), "REPLACE", "ABSTTL"});
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

Result<std::string> alone(RedisSession& scratch, const std::string& key) {
  return scratch.ask({"DUMP", key}, std::chrono::seconds(60), RedisSession::kAnyValue);
}

}  // namespace

Result<Scanned> scanned(std::string_view answer) {
  auto wrong = [] { return fail(Code::invalid, "what came of a scan is not understood"); };
  auto cursor = line_of(answer);
  if (!cursor) return wrong();
  Scanned out{.cursor = std::string(*cursor)};
  while (!answer.empty()) {
    auto line = line_of(answer);
    auto words = line ? split(*line, ' ') : std::vector<std::string_view>();
    auto name = words.size() == 3 ? taken(answer, words[0]) : std::nullopt;
    auto dump = name ? taken(answer, words[2]) : std::nullopt;
    if (!dump) return wrong();
    out.keys.push_back({std::string(*name), std::string(words[1]), std::string(*dump)});
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
      auto dump = key.dump.empty() ? alone(scratch, key.name) : std::move(key.dump);
      if (!dump) return std::unexpected(dump.error());
      key.dump = *std::move(dump);
      if (key.dump.empty()) continue;  // it expired just now
      if (auto put = putting.add(std::move(key)); !put) return std::unexpected(put.error());
      progress.at(++came);
    }
    if (auto put = putting.flush(); !put) return std::unexpected(put.error());
    if (step->cursor == "0") return came;
    cursor = step->cursor;
  }
}

}  // namespace davy::backups
