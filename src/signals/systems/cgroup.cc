#include "signals/systems/cgroup.h"

#include <cmath>

#include "base/text.h"
#include "signals/metrics/exposition.h"

namespace davy::signals {
namespace {

// A number; "max" and what is not there are nothing.
std::optional<double> single(const std::optional<std::string>& text) {
  if (!text) return {};
  auto word = trimmed(*text);
  if (word.empty() || word[0] < '0' || word[0] > '9') return {};
  auto number = exposition_number(word);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

// "200000 100000": microseconds of cpu in each period.
std::optional<double> quota(const std::optional<std::string>& text) {
  if (!text) return {};
  auto parts = split(trimmed(*text), ' ');
  if (parts.size() != 2 || parts[0].empty() || parts[0] == "max") return {};
  auto used = exposition_number(parts[0]), period = exposition_number(parts[1]);
  return used && period && *used > 0 && *period > 0 ? std::optional(*used / *period) : std::nullopt;
}

double at(const std::map<std::string, double>& all, const char* key) {
  auto found = all.find(key);
  return found == all.end() ? 0 : found->second;
}

}  // namespace

std::map<std::string, double> parse_flat_keyed(std::string_view text) {
  std::map<std::string, double> out;
  for (auto line : split(text, '\n')) {
    auto blank = line.find(' ');
    if (blank == line.npos || out.size() > 1000) continue;
    if (auto n = single(std::string(line.substr(blank + 1)))) out[std::string(line.substr(0, blank))] = *n;
  }
  return out;
}

Result<judge::Window> CgroupAccount::look(const CgroupFiles& f, Time from, Time to) {
  judge::Window out{.from = from, .to = to};
  auto put = [&](const char* series, double value) { out.numbers[series][""] = value; };
  auto share = [&](const char* series, const char* of, std::optional<double> now, std::optional<double> most) {
    if (now) put(series, *now);
    if (now && most && *most > 0) put(of, *now / *most);
  };
  if (!f.memory_current && !f.cpu_stat && !f.pids_current)
    return fail(Code::unavailable, "no control group with memory, cpu or pids is there");
  share("memory", "memory_share", single(f.memory_current), single(f.memory_max));
  share("processes", "processes_share", single(f.pids_current), single(f.pids_max));
  auto length = seconds(to - from);
  counters_.begin();
  auto grown = [&](const char* name, double value) { return counters_.see(name, value); };
  if (f.cpu_stat) {
    auto cpu = parse_flat_keyed(*f.cpu_stat);
    auto used = grown("usage", at(cpu, "usage_usec")), periods = grown("periods", at(cpu, "nr_periods")),
         throttled = grown("throttled", at(cpu, "nr_throttled"));
    if (used && length > 0) share("cpu", "cpu_share", *used / 1e6 / length, quota(f.cpu_max));
    if (periods && throttled && *periods > 0) put("throttled", *throttled / *periods);
  }
  if (f.memory_events) {
    oom_kills_ += grown("oom_kill", at(parse_flat_keyed(*f.memory_events), "oom_kill")).value_or(0);
    put("oom_kills", oom_kills_);
  }
  counters_.end();
  return out;
}

}  // namespace davy::signals
