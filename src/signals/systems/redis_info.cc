#include "signals/systems/redis_info.h"

#include <cmath>
#include <optional>

#include "base/text.h"
#include "signals/metrics/exposition.h"

namespace davy::signals {
namespace {

constexpr std::size_t kMostFields = 2000;

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

}  // namespace

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
