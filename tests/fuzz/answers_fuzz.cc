// What Prometheus, health endpoints, commands, the kernel and Redis answer, when they answer anything at all. The first
// byte says whom it is read as.
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include "base/text.h"
#include "signals/metrics/finite.h"
#include "signals/metrics/prometheus_api.h"
#include "signals/metrics/readout.h"
#include "signals/systems/cgroup.h"
#include "signals/systems/health_report.h"
#include "signals/systems/proc.h"
#include "signals/systems/redis_info.h"
#include "signals/systems/sentry_api.h"

namespace {

using namespace davy;
using namespace davy::signals;

const Time kThen{std::chrono::seconds(1)}, kNow{std::chrono::seconds(2)};

void require(bool held) {
  if (!held) std::abort();
}
void check(Result<judge::Window> w) {
  if (w) keep_finite(*w);  // as every source does
  if (!w) return require(!w.error().message.empty());
  for (auto& [series, by_label] : w->numbers)
    for (auto& [label, value] : by_label) require(!std::isnan(value));
  require(judge::decode(judge::encode(*w)).has_value());
}

void prometheus(std::string_view text, std::uint8_t seed) {
  auto answer = parse_prometheus(text, seed & 1 ? 200 : 400);
  if (!answer) return require(!answer.error().message.empty());
  if (auto by = newest_by(*answer, seed & 2 ? "version" : ""))
    for (auto& [label, value] : *by) require(!std::isnan(value));
  require(percent_encoded(text).find_first_of(" &=+\n") == std::string::npos);
}

void sentry(std::string_view text) {
  for (auto& parsed : {parse_sentry_sessions(text), parse_sentry_events(text)})
    for (auto& [series, by_release] : parsed ? *parsed : SentryNumbers{})
      for (auto& [release, value] : by_release) require(std::isfinite(value));
  (void)sentry_detail(text);
}

void health(std::string_view text) {
  auto json = spec::parse_json(text);
  if (!json) return;
  auto r = health_report(*json);
  require(r.states.size() + r.numbers.size() <= HealthReport::kMost + 4);
  for (auto& [name, word] : r.states)
    for (char c : word) require(static_cast<unsigned char>(c) >= ' ');
}

void output(std::string_view text, std::uint8_t seed) {
  auto seen = read_output(text, static_cast<Readout>(seed % 4), seed & 4 ? "a.0" : "");
  if (!seen) return require(!seen.error().message.empty());
  require(seen->numbers.size() + seen->words.size() <= 1002);
  for (auto& [name, value] : seen->numbers) require(std::isfinite(value.value));
}

void kernel(std::string_view text) {
  auto cut = text.find('\x01');
  std::string one(text.substr(0, cut)), two(cut == text.npos ? "" : text.substr(cut + 1));
  if (auto stat = parse_process_stat(text)) require(stat->cpu_seconds >= 0);
  require(parse_resident_bytes(text) >= 0);
  if (auto limit = parse_open_files_limit(text)) require(*limit > 0);
  for (auto pid : parse_pids(text)) require(pid > 0);
  MachineAccount machine;
  check(machine.look({one, "1 2 3", two}, kThen, kThen));
  check(machine.look({two, one, one}, kThen, kNow));
  check(machine.look({one, one, two}, kThen, kNow));
  CgroupAccount group;
  check(group.look({one, two, two, one, two, one, two}, kThen, kThen));
  check(group.look({two, one, one, two, one, two, one}, kThen, kNow));
}

void redis(std::string_view text) {
  RedisAccount account;
  auto half = text.size() / 2;
  check(account.look(text.substr(0, half), kThen, kThen));
  check(account.look(text.substr(half), kThen, kNow));
  check(account.look(text, kThen, kNow));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto seed = static_cast<std::uint8_t>(data[0] / 5);
  switch (data[0] % 5) {
    case 0:
      prometheus(text, seed);
      break;
    case 1:
      health(text), sentry(text);
      break;
    case 2:
      output(text, seed);
      break;
    case 3:
      kernel(text);
      break;
    case 4:
      redis(text);
      break;
  }
  return 0;
}
