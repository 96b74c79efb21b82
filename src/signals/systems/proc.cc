#include "signals/systems/proc.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "base/text.h"

namespace davy::signals {
namespace {

constexpr double kTicks = 100;

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  for (auto part : split(text, ' '))
    if (auto word = trimmed(part); !word.empty()) out.push_back(word);
  return out;
}

template <class T>
bool number(std::string_view text, T& out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

// "VmRSS:	    1234 kB" in bytes.
std::optional<double> kilobytes(std::string_view text, std::string_view key) {
  for (auto line : split(text, '\n')) {
    if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != ':') continue;
    auto rest = trimmed(line.substr(key.size() + 1));
    double n = 0;
    if (number(rest.substr(0, rest.find(' ')), n) && std::isfinite(n) && n >= 0) return n * 1024;
  }
  return {};
}

}  // namespace

Result<ProcessStat> parse_process_stat(std::string_view text) {
  auto open = text.find('('), close = text.rfind(')');  // a name may hold both
  auto wrong = fail(Code::invalid, "not a process's stat: " + printable(text.substr(0, 40)));
  if (open == text.npos || close == text.npos || close < open) return wrong;
  auto rest = words(text.substr(close + 1));  // from field 3 on
  if (rest.size() < 20 || rest[0].size() != 1) return wrong;
  ProcessStat out{.name = std::string(text.substr(open + 1, close - open - 1)), .state = rest[0][0]};
  std::uint64_t user = 0, system = 0;
  if (!number(rest[1], out.parent) || !number(rest[11], user) || !number(rest[12], system) ||
      !number(rest[17], out.threads) || !number(rest[19], out.started))
    return wrong;
  out.cpu_seconds = (static_cast<double>(user) + static_cast<double>(system)) / kTicks;
  return out;
}

double parse_resident_bytes(std::string_view status) { return kilobytes(status, "VmRSS").value_or(0); }

std::optional<double> parse_open_files_limit(std::string_view limits) {
  constexpr std::string_view kKey = "Max open files";
  for (auto line : split(limits, '\n')) {
    if (!line.starts_with(kKey)) continue;
    auto rest = words(line.substr(kKey.size()));
    double n = 0;
    if (!rest.empty() && number(rest[0], n) && n > 0 && std::isfinite(n)) return n;
  }
  return {};
}

std::vector<std::int64_t> parse_pids(std::string_view text) {
  std::vector<std::int64_t> out;
  for (auto line : split(text, '\n'))
    for (auto word : words(line)) {
      std::int64_t pid = 0;
      if (number(word, pid) && pid > 0) out.push_back(pid);
    }
  return out;
}

judge::Window ProcessAccount::look(const std::map<std::string, std::vector<ProcessSeen>>& by_label, Time from,
                                   Time to) {
  judge::Window out{.from = from, .to = to};
  auto length = seconds(to - from);
  for (auto& [label, processes] : by_label) {
    auto& known = known_[label];
    std::map<Identity, double> now;
    double cpu = 0, fresh = 0, came = 0;
    bool first = known.cpu.empty() && known.most == 0;
    auto put = [&](const char* series, double value) { out.numbers[series][label] += value; };
    for (auto& p : processes) {
      Identity who{p.pid, p.stat.started};
      auto before = known.cpu.find(who);
      cpu += before != known.cpu.end() ? std::max(0.0, p.stat.cpu_seconds - before->second)
             : first                   ? 0
                                       : p.stat.cpu_seconds;
      came += before == known.cpu.end();
      now[who] = p.stat.cpu_seconds;
      put("memory", p.resident);
      put("threads", static_cast<double>(p.stat.threads));
      if (p.open_files) put("open_files", *p.open_files);
      if (p.open_files && p.open_files_limit) {
        auto& worst = out.numbers["open_files_share"][label];
        worst = std::max(worst, *p.open_files / *p.open_files_limit);
      }
    }
    if (!first) {
      for (auto& [who, _] : known.cpu) known.missing += !now.contains(who);
      fresh = std::min(came, known.missing);
      known.restarts += fresh, known.missing -= fresh;
      if (length > 0) put("cpu", cpu / length);
    }
    known.cpu = std::move(now);
    known.most = std::max(known.most, processes.size());
    put("processes", static_cast<double>(processes.size()));
    put("restarts", known.restarts);
  }
  return out;
}

Result<judge::Window> MachineAccount::look(const MachineFiles& files, Time from, Time to) {
  judge::Window out{.from = from, .to = to};
  auto put = [&](const char* series, double value) { out.numbers[series][""] = value; };
  std::vector<double> ticks;
  double cores = 0;
  for (auto line : split(files.stat, '\n')) {
    auto all = words(line);
    if (all.empty() || !all[0].starts_with("cpu")) continue;
    if (all[0] != "cpu") {
      ++cores;
      continue;
    }
    for (std::size_t i = 1; i < all.size() && i <= 8; ++i) {  // guest time is in user's already
      double n = 0;
      if (!number(all[i], n) || !std::isfinite(n) || n < 0) break;
      ticks.push_back(n);
    }
  }
  auto load = words(files.loadavg);
  auto total = kilobytes(files.meminfo, "MemTotal"), free = kilobytes(files.meminfo, "MemAvailable");
  if (ticks.size() < 5 || load.size() < 3 || !total || !free || *total <= 0)
    return fail(Code::invalid, "the machine's figures cannot be read from stat, loadavg and meminfo");
  if (ticks_ && ticks_->size() == ticks.size()) {
    std::vector<double> grown(ticks.size());
    for (std::size_t i = 0; i < ticks.size(); ++i) grown[i] = std::max(0.0, ticks[i] - (*ticks_)[i]);
    if (auto all = std::accumulate(grown.begin(), grown.end(), 0.0); all > 0) {
      put("cpu", 1 - (grown[3] + grown[4]) / all);  // idle, waiting for a disk
      if (grown.size() > 7) put("steal", grown[7] / all);
    }
  }
  ticks_ = std::move(ticks);
  constexpr const char* kLoads[] = {"load1", "load5", "load15"};
  for (std::size_t i = 0; i < 3; ++i) {
    double n = 0;
    if (number(load[i], n) && std::isfinite(n)) put(kLoads[i], n);
    if (i == 0 && cores > 0) put("load_per_core", n / cores);
  }
  put("memory", 1 - *free / *total);
  put("memory_available", *free);
  auto swap = kilobytes(files.meminfo, "SwapTotal"), unused = kilobytes(files.meminfo, "SwapFree");
  if (swap && unused && *swap > 0) put("swap", 1 - *unused / *swap);
  return out;
}

}  // namespace davy::signals
