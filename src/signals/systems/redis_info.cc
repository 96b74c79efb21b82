#include "signals/systems/redis_info.h"

#include <charconv>
#include <cmath>

#include "base/text.h"
#include "signals/metrics/exposition.h"

namespace davy::signals {
namespace {

constexpr std::int64_t kLargest = 16 * 1024 * 1024;
constexpr std::size_t kMostFields = 2000, kDeepest = 8;

using Info = std::map<std::string, std::string>;

std::optional<double> number(const Info& info, const char* key) {
  auto found = info.find(key);
  auto n = found == info.end() ? std::nullopt : exposition_number(found->second);
  return n && std::isfinite(*n) ? n : std::nullopt;
}

std::string text(const Info& info, const char* key) {
  auto found = info.find(key);
  return found == info.end() ? "" : printable(found->second.substr(0, 200));
}

// db0:keys=12,expires=0,avg_ttl=0
double keys_of(const Info& info) {
  double sum = 0;
  for (auto& [name, value] : info) {
    if (!name.starts_with("db") || !value.starts_with("keys=")) continue;
    sum += exposition_number(value.substr(5, value.find(',') - 5)).value_or(0);
  }
  return sum;
}

Result<std::optional<RedisReply>> parse(std::string_view text, std::size_t depth) {
  auto end = text.find("\r\n");
  auto wrong = fail(Code::invalid, "the answer is not Redis's protocol: " + printable(text.substr(0, 40)));
  if (text.empty()) return std::nullopt;
  constexpr std::string_view kMarks = "+-:$*";
  if (kMarks.find(text[0]) == kMarks.npos) return wrong;
  if (end == text.npos) return text.size() > 64 * 1024 ? Result<std::optional<RedisReply>>(wrong) : std::nullopt;
  auto line = text.substr(1, end - 1);
  using Kind = RedisReply::Kind;
  if (text[0] == '+') return RedisReply{Kind::text, std::string(line), end + 2};
  if (text[0] == '-') return RedisReply{Kind::error, std::string(line), end + 2};
  std::int64_t n = 0;
  auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), n);
  if (error != std::errc{} || stop != line.data() + line.size()) return wrong;
  if (text[0] == ':') return RedisReply{Kind::number, std::string(line), end + 2};
  if (n == -1) return RedisReply{Kind::none, {}, end + 2};
  if (n < 0 || n > kLargest || depth > kDeepest) return wrong;
  if (text[0] == '$') {
    auto size = static_cast<std::size_t>(n);
    if (text.size() < end + 4 + size) return std::nullopt;
    if (text.substr(end + 2 + size, 2) != "\r\n") return wrong;
    return RedisReply{Kind::text, std::string(text.substr(end + 2, size)), end + 4 + size};
  }
  std::size_t at = end + 2;
  for (std::int64_t i = 0; i < n; ++i) {
    auto item = parse(text.substr(at), depth + 1);
    if (!item || !*item) return item;
    at += (*item)->size;
  }
  return RedisReply{Kind::list, {}, at};
}

}  // namespace

std::string redis_command(const std::vector<std::string>& words) {
  auto out = "*" + std::to_string(words.size()) + "\r\n";
  for (auto& word : words) out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return out;
}

Result<std::optional<RedisReply>> parse_redis_reply(std::string_view text) { return parse(text, 0); }

Info parse_redis_info(std::string_view text) {
  Info out;
  for (auto line : split(text, '\n')) {
    line = trimmed(line);
    auto colon = line.find(':');
    if (line.starts_with('#') || colon == line.npos || colon == 0 || out.size() >= kMostFields) continue;
    out[std::string(line.substr(0, colon))] = line.substr(colon + 1);
  }
  return out;
}

Result<judge::Window> RedisAccount::look(std::string_view whole, Time from, Time to) {
  auto info = parse_redis_info(whole);
  auto memory = number(info, "used_memory");
  if (!memory) return fail(Code::invalid, "the answer is not Redis's INFO: " + printable(whole.substr(0, 40)));
  judge::Window out{.from = from, .to = to};
  auto put = [&](const char* series, std::optional<double> value) {
    if (value) out.numbers[series][""] = *value;
  };
  put("memory", memory);
  if (auto most = number(info, "maxmemory"); most && *most > 0) put("memory_share", *memory / *most);
  put("clients", number(info, "connected_clients"));
  put("blocked_clients", number(info, "blocked_clients"));
  put("keys", keys_of(info));
  auto anew = !run_id_.empty() && run_id_ != text(info, "run_id");
  run_id_ = text(info, "run_id");
  restarts_ += anew;
  counters_.begin();
  auto grown = [&](const char* key) {
    auto now = number(info, key);
    return now ? counters_.see(key, *now, anew) : std::nullopt;
  };
  auto length = seconds(to - from);
  auto rate = [&](std::optional<double> growth) {
    return growth && length > 0 ? std::optional(*growth / length) : std::nullopt;
  };
  auto hits = grown("keyspace_hits"), misses = grown("keyspace_misses");
  if (hits && misses && *hits + *misses > 0) put("hit_rate", *hits / (*hits + *misses));
  put("commands", rate(grown("total_commands_processed")));
  put("evictions", rate(grown("evicted_keys")));
  put("expired", rate(grown("expired_keys")));
  rejected_ += grown("rejected_connections").value_or(0);
  counters_.end();
  put("rejected", rejected_);
  put("restarts", restarts_);
  out.states["role"][""] = text(info, "role");
  if (auto link = text(info, "master_link_status"); !link.empty()) out.states["master_link"][""] = link;
  out.states[""][""] = text(info, "loading") == "1" ? "loading" : "up";
  return out;
}

}  // namespace davy::signals
