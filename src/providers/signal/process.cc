// Which processes are meant, and what each is like now. A process may vanish between two of its files; then it was not
// there.
#include "providers/platform/process.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "providers/signal/process.h"

namespace davy::providers {
namespace {

using signals::ProcessSeen;

constexpr std::size_t kMostProcesses = 1000;
constexpr std::size_t kKernelName = 15;  // bytes of a name that the kernel keeps

bool digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

class Process final : public SteadySource {
 public:
  Process(ProcessSignal o, ports::Outside& out, std::string directory) : SteadySource(out), o_(std::move(o)) {
    while (o_.root.ends_with('/')) o_.root.pop_back();
    if (o_.which.contains('/')) o_.which = ports::beside(directory, o_.which);
  }

 private:
  using Pids = std::map<std::string, std::vector<std::int64_t>>;  // by label

  ports::Task<judge::Window> read(std::optional<Time> last) override {
    auto pids = co_await find();
    if (!pids) co_return std::unexpected(pids.error());
    std::map<std::string, std::vector<ProcessSeen>> seen;
    for (auto& label : known_) seen[label];  // a release whose last process is gone has none
    for (auto& [label, all] : *pids) {
      known_.insert(label);
      auto& into = seen[label];
      for (auto pid : o_.children ? family(all) : all)
        if (auto one = look_at(pid)) into.push_back(std::move(*one));
    }
    auto now = out_.clock.now();
    co_return account_.look(seen, last.value_or(now), now);
  }

  ports::Task<Pids> find() {
    if (o_.which.contains('/')) co_return from_file();
    if (digits(o_.which)) co_return Pids{{"", signals::parse_pids(o_.which)}};
    auto instances = co_await out_.instances.list(o_.which + ".");
    if (!instances) co_return std::unexpected(instances.error());
    Pids out;
    for (auto& one : *instances) {
      auto release = release_of_key(one.key);
      if (one.alive && !release.empty()) out[release].push_back(one.pid);
    }
    if (!instances->empty()) co_return out;
    co_return by_name();
  }

  // The file is the daemon's own; while it is away, so is the daemon.
  Result<Pids> from_file() {
    auto text = out_.files.read(o_.root + o_.which);
    if (!text) return std::unexpected(text.error());
    auto pids = signals::parse_pids(*text);
    if (pids.empty()) return fail(Code::invalid, "no pid stands in " + o_.which);
    pids.resize(1);
    return Pids{{"", std::move(pids)}};
  }

  Result<Pids> by_name() {
    auto all = out_.files.list(proc(""));
    if (!all) return std::unexpected(all.error());
    Pids out{{"", {}}};
    auto name = std::string_view(o_.which).substr(0, kKernelName);
    for (auto& entry : *all) {
      if (!digits(entry) || out[""].size() >= kMostProcesses) continue;
      auto stat = out_.files.read(proc(entry + "/stat"));
      auto parsed = stat ? signals::parse_process_stat(*stat) : fail(Code::unavailable, "");
      if (parsed && parsed->name == name && parsed->state != 'Z')
        for (auto pid : signals::parse_pids(entry)) out[""].push_back(pid);
    }
    if (out[""].empty() && !found_once_)
      return fail(Code::unavailable, "no process is called " + o_.which, "a pid file, a pid, or another name");
    found_once_ = true;
    return out;
  }

  std::vector<std::int64_t> family(std::vector<std::int64_t> all) const {
    std::set<std::int64_t> known(all.begin(), all.end());
    for (std::size_t i = 0; i < all.size() && all.size() < kMostProcesses; ++i) {
      auto text = out_.files.read(proc(fmt::format("{0}/task/{0}/children", all[i])));
      for (auto child : text ? signals::parse_pids(*text) : std::vector<std::int64_t>{})
        if (known.insert(child).second) all.push_back(child);
    }
    return all;
  }

  std::optional<ProcessSeen> look_at(std::int64_t pid) const {
    auto file = [&](const char* name) { return out_.files.read(proc(fmt::format("{}/{}", pid, name))); };
    auto stat = file("stat"), status = file("status");
    auto parsed = stat ? signals::parse_process_stat(*stat) : fail(Code::unavailable, "");
    if (!parsed || !status || parsed->state == 'Z') return {};
    ProcessSeen out{.pid = pid, .stat = std::move(*parsed), .resident = signals::parse_resident_bytes(*status)};
    if (auto open = out_.files.list(proc(fmt::format("{}/fd", pid)))) out.open_files = open->size();
    if (auto limits = file("limits")) out.open_files_limit = signals::parse_open_files_limit(*limits);
    return out;
  }

  std::string proc(const std::string& rest) const { return o_.root + "/proc/" + rest; }

  ProcessSignal o_;
  std::set<std::string> known_;
  bool found_once_ = false;
  signals::ProcessAccount account_;
};

}  // namespace

Result<std::unique_ptr<ports::Source>> process_source(ProcessSignal o, ports::Outside& out, ports::Asking who) {
  if (o.which.empty()) return fail(Code::invalid, "`process` names nothing");
  return std::make_unique<Process>(std::move(o), out, who.directory);
}

void add_process_signal(ports::Registry& r) {
  using spec::Unit;
  r.source<ProcessSignal>("process", "Processes: cpu, memory, open files, threads, restarts.",
                          "{ process: /run/shop.pid, children: on }", process_source,
                          {{"cpu", spec::kAny, "cores: 1 or 100% is a whole one"},
                           {"memory", Unit::bytes, "resident memory"},
                           {"open_files", Unit::none, "open files"},
                           {"open_files_share", Unit::ratio, "of the limit, of the worst process"},
                           {"threads", Unit::none, "their threads"},
                           {"processes", Unit::none, "how many there are"},
                           {"restarts", Unit::none, "restarts since Davy began to look"}});
}

}  // namespace davy::providers
