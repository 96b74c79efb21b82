#include "providers/probe/process.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"

namespace davy::providers {
namespace {

constexpr std::size_t kLongestName = 15;  // that Linux keeps (proc(5), comm)
constexpr std::size_t kMostShown = 100;

bool is_number(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

// One that ended between two looks is none.
Result<std::vector<FoundProcess>> find(const std::string& name, ports::Files& files) {
  auto all = files.list("/proc");
  if (!all) return std::unexpected(all.error());
  std::vector<FoundProcess> out;
  for (auto& pid : *all) {
    if (!is_number(pid)) continue;
    auto comm = files.read("/proc/" + pid + "/comm");
    if (!comm || trimmed(*comm) != std::string_view(name).substr(0, kLongestName)) continue;
    auto about = files.stat("/proc/" + pid);
    out.push_back({pid, about && *about ? (*about)->owner : ""});
  }
  return out;
}

}  // namespace

ports::Observation observed(const ProcessProbe& o, const std::vector<FoundProcess>& found) {
  std::vector<std::string> pids;
  std::set<std::string> users;
  for (auto& one : found) {
    if (pids.size() < kMostShown) pids.push_back(one.pid);
    users.insert(one.user);
  }
  ports::Observation out{.ok = !found.empty(),
                         .unwell = {"count"},
                         .numbers = {{"count", static_cast<double>(found.size())}},
                         .words = {{"value", joined(pids, ", ")}}};
  out.words["user"] = joined(std::vector(users.begin(), users.end()), ", ");
  out.says = found.empty() ? "no " + o.name + " runs"
                           : fmt::format("{} of {} run as {}", found.size(), o.name, out.words["user"]);
  return out;
}

ports::Task<ports::Observation> perform(ProcessProbe o, ports::Outside& out, ports::Asking) {
  auto found = find(o.name, out.files);
  if (!found) co_return std::unexpected(found.error());
  co_return observed(o, *found);
}

void add_process_probe(ports::Registry& r) {
  r.probe<ProcessProbe>("process", "Looks whether a program runs on this machine; well is that it does.",
                        "{ process: nginx, expect: user is www-data }", perform,
                        {{"count", spec::Unit::none, "how many processes have that name"},
                         {"value", spec::kWord, "their pids"},
                         {"user", spec::kWord, "as whom they run; several, sorted: `root, www-data`"}});
}

}  // namespace davy::providers
