#include "signals/systems/container_stats.h"

#include <cmath>

#include "spec/json.h"

namespace davy::signals {
namespace {

using spec::Json;

const Json* at(const Json& j, std::initializer_list<const char*> path) {
  auto here = &j;
  for (auto key : path) {
    if (!here->is_object()) return nullptr;
    auto found = here->find(key);
    if (found == here->end()) return nullptr;
    here = &*found;
  }
  return here;
}

std::string text(const Json& j, std::initializer_list<const char*> path) {
  auto found = at(j, path);
  return found && found->is_string() ? found->get<std::string>() : "";
}

std::optional<double> number(const Json& j, std::initializer_list<const char*> path) {
  auto found = at(j, path);
  if (!found || !found->is_number()) return {};
  auto n = found->get<double>();
  return std::isfinite(n) && n >= 0 ? std::optional(n) : std::nullopt;
}

// As `docker stats` counts: what the kernel can drop at once is no use of memory (cgroup 2: inactive_file, cgroup 1:
// total_inactive_file).
std::optional<double> memory_used(const Json& stats) {
  auto usage = number(stats, {"memory_stats", "usage"});
  if (!usage) return {};
  auto cache = number(stats, {"memory_stats", "stats", "inactive_file"});
  if (!cache) cache = number(stats, {"memory_stats", "stats", "total_inactive_file"});
  return *usage - std::min(*usage, cache.value_or(0));
}

}  // namespace

Result<ContainerState> parse_container(std::string_view json, std::string_view label) {
  auto j = spec::parse_json(json);
  if (!j || !at(*j, {"State"})) return fail(Code::invalid, "the answer describes no container");
  ContainerState out{.status = text(*j, {"State", "Status"}),
                     .health = text(*j, {"State", "Health", "Status"}),
                     .id = text(*j, {"Id"}),
                     .started_at = text(*j, {"State", "StartedAt"})};
  if (out.status.empty()) return fail(Code::invalid, "the container has no status");
  out.restarts = number(*j, {"RestartCount"}).value_or(0);
  out.exit_code = number(*j, {"State", "ExitCode"}).value_or(0);
  auto killed = at(*j, {"State", "OOMKilled"});
  out.out_of_memory = killed && killed->is_boolean() && killed->get<bool>();
  if (!label.empty()) out.label = text(*j, {"Config", "Labels", std::string(label).c_str()});
  return out;
}

// A restart by hand or by compose is seen by its start; one by the engine's policy by its count, too: the more counts.
void ContainerAccount::count_restarts(const ContainerState& now) {
  auto counted = counters_.see("restarts", now.restarts, now.id != id_).value_or(0);
  bool again = !started_at_.empty() && now.started_at != started_at_;
  restarts_ += std::max(counted, again ? 1.0 : 0.0);
  id_ = now.id, started_at_ = now.started_at;
}

Result<judge::Window> ContainerAccount::look(const ContainerState& now, std::string_view stats, Time from, Time to) {
  judge::Window out{.from = from, .to = to};
  auto put = [&](const char* series, double value) { out.numbers[series][now.label] = value; };
  bool first_of_its_name = now.id != id_;
  counters_.begin();
  count_restarts(now);
  put("restarts", restarts_), put("exit_code", now.exit_code), put("oom_killed", now.out_of_memory);
  out.states[""][now.label] = now.status;
  if (!now.health.empty()) out.states["health"][now.label] = now.health;
  if (!stats.empty()) {
    auto j = spec::parse_json(stats);
    if (!j || !j->is_object()) return fail(Code::invalid, "its statistics are no JSON");
    auto memory = memory_used(*j), limit = number(*j, {"memory_stats", "limit"});
    if (memory) put("memory", *memory);
    if (memory && limit && *limit > 0) put("memory_share", *memory / *limit);
    if (auto processes = number(*j, {"pids_stats", "current"})) put("processes", *processes);
    auto used = number(*j, {"cpu_stats", "cpu_usage", "total_usage"});  // nanoseconds
    auto grown = used ? counters_.see("cpu", *used, first_of_its_name) : std::nullopt;
    if (grown && to > from) put("cpu", *grown / 1e9 / seconds(to - from));
  }
  counters_.end();
  return out;
}

}  // namespace davy::signals
