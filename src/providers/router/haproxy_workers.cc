#include "providers/router/haproxy_workers.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "base/text.h"

namespace davy::providers::haproxy {
namespace {

struct Worker {
  long parent = 0;
  unsigned long long started = 0;
  std::string program;                  // the name in /proc
  std::vector<std::string> configured;  // what stands behind each -f
};

template <class T>
T number(std::string_view text) {
  T out{};
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// "1234 (haproxy) S 1 …": field 4 is the parent, field 22 when it started.
bool read_stat(const std::string& stat, Worker& out) {
  auto open = stat.find('('), close = stat.rfind(')');
  if (open == stat.npos || close == stat.npos || close < open) return false;
  out.program = stat.substr(open + 1, close - open - 1);
  auto fields = split(std::string_view(stat).substr(std::min(close + 2, stat.size())), ' ');
  if (fields.size() < 20 || fields[0] == "Z") return false;
  out.parent = number<long>(fields[1]), out.started = number<unsigned long long>(fields[19]);
  return true;
}

std::vector<std::string> configured_by(const std::string& command_line) {
  std::vector<std::string> out;
  auto words = split(command_line, '\0');
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == "-f") out.emplace_back(words[i + 1]);
  return out;
}

std::optional<Worker> worker(ports::Files& files, long pid) {
  auto folder = "/proc/" + std::to_string(pid);
  auto stat = files.read(folder + "/stat");
  Worker out;
  if (!stat || !read_stat(*stat, out)) return {};
  if (auto line = files.read(folder + "/cmdline")) out.configured = configured_by(*line);
  return out;
}

}  // namespace

Result<std::vector<long>> older_workers(ports::Files& files, long current) {
  std::vector<long> out;
  auto now = worker(files, current);
  auto all = files.list("/proc");
  if (!now || !all || now->configured.empty())
    return fail(Code::unavailable,
                "HAProxy's processes cannot be seen from here, so a former worker may still have requests");
  for (auto& name : *all) {
    auto pid = number<long>(name);
    if (pid <= 1 || pid == current || pid == now->parent) continue;
    auto other = worker(files, pid);
    if (!other || other->program != now->program || other->configured != now->configured) continue;
    bool master = other->parent != now->parent && other->parent != 1 && now->parent != 1;
    if (!master && other->started <= now->started) out.push_back(pid);
  }
  return out;
}

}  // namespace davy::providers::haproxy
