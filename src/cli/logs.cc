// logs: what instances of a service say, or said before they were taken down.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "cli/commands.h"
#include "host/keeper_start.h"
#include "io/keeper/instance_store.h"
#include "io/keeper/kept_logs.h"
#include "io/lines/log_follower.h"
#include "io/posix/machine.h"
#include "providers/platform/process.h"

namespace davy::cli {
namespace {

constexpr std::string_view kAll = "all";

// No release is named: what lives, and the newest candidate, whatever became of it.
struct Asked {
  std::string service, environment, release;
  int lines = 100;
  bool follow = false;
};

struct Log {
  std::string name, path;
};

// Of the newest run: the release that is meant. Empty: all of them.
Result<std::string> release_of(Session& session, const Asked& asked) {
  if (asked.release == kAll) return std::string();
  auto runs = session.runs.list({.service = asked.service, .environment = asked.environment, .most = 1});
  if (!runs) return std::unexpected(runs.error());
  if (runs->empty()) return fail(Code::invalid, fmt::format("no run shipped `{}`", asked.service));
  auto events = session.runs.events(runs->front().id);
  if (!events) return std::unexpected(events.error());
  auto started = events->empty() ? nullptr : std::get_if<run::Started>(&events->front().event);
  for (auto& subject : started ? started->runbook.subjects : std::vector<run::Subject>{}) {
    if (subject.service != asked.service) continue;
    auto& release = asked.release == "previous" ? subject.previous : subject.candidate;
    if (!release.none()) return release.id;
  }
  return fail(Code::invalid, fmt::format("run {} has no {} of {}", runs->front().id, asked.release, asked.service));
}

// Keys begin with "service.environment/".
bool is_meant(const Asked& asked, const std::string& release, const std::string& key) {
  auto slash = key.find('/');
  auto group = key.substr(0, slash);
  auto dot = group.rfind('.');
  if (group.substr(0, dot) != asked.service) return false;
  if (!asked.environment.empty() && group.substr(dot + 1) != asked.environment) return false;
  return release.empty() || providers::release_of_key(key) == release;
}

Result<std::vector<Log>> logs_of(Session& session, const Asked& asked, const std::string& release) {
  std::vector<Log> out;
  auto root = session.runs.dir().instances();
  for (auto& path : io::kept_logs(root, ""))
    if (auto key = io::key_of(std::filesystem::path(path).filename().string()); is_meant(asked, release, key))
      out.push_back({providers::words_of_key(key) + " (taken down)", path});
  auto boot = io::this_machine(host::keeper_options(session.runs.dir(), "").boot).boot;
  auto all = io::InstanceStore(root, boot).list("");
  if (!all) return std::unexpected(all.error());
  for (auto& state : *all)
    if (is_meant(asked, asked.release.empty() && state.alive ? "" : release, state.key))
      out.push_back({providers::words_of_key(state.key), state.log_path});
  return out;
}

void print_head(const Log& log) { fmt::print("==> {} <==\n", printable(log.name)); }

std::streamoff length(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  return in ? std::max<std::streamoff>(0, in.tellg()) : 0;
}

std::string text_of(const std::string& path, std::streamoff from, std::streamoff to) {
  std::ifstream in(path, std::ios::binary);
  std::string out(static_cast<std::size_t>(std::max<std::streamoff>(0, to - from)), '\0');
  in.seekg(from);
  in.read(out.data(), static_cast<std::streamsize>(out.size()));
  out.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
  return out;
}

// The last lines within the last MiB of what stands before `end`. Where fronts of logs cannot be taken off, <path>.1
// goes before it (io/keeper/log_turner.h).
void print_end(const Log& log, std::streamoff end, int lines, bool several) {
  constexpr std::streamoff kMost = 1 << 20;
  auto text = text_of(log.path, std::max<std::streamoff>(0, end - kMost), end);
  auto before = length(log.path + ".1"), room = kMost - static_cast<std::streamoff>(text.size());
  text.insert(0, text_of(log.path + ".1", std::max<std::streamoff>(0, before - room), before));
  auto at = text.size();
  for (int n = 0; n <= lines && at > 0 && at != text.npos; ++n) at = at == 1 ? 0 : text.rfind('\n', at - 2) + 1;
  if (at == text.size()) return;
  if (several) print_head(log);
  std::istringstream in(text.substr(at));
  for (std::string line; std::getline(in, line);) fmt::print("{}\n", printable(line));
}

// What is said from now on, line by line.
struct Following : io::LineSink {
  Following(const Log& l, bool s, std::unique_ptr<io::LogFollower> f) : log(l), several(s), follower(std::move(f)) {}
  const Log& log;
  bool several, head_due = false;
  std::unique_ptr<io::LogFollower> follower;
  std::string gap;

  void line(std::string_view text) override { print(printable(text)); }
  void lost() override { print("(a line is missing here: it was too long, or cut off)"); }

  void print_new() {
    auto now = io::wall_time();
    head_due = several;
    while (follower->read(now, *this)) continue;
    auto said = follower->gap(now);
    if (!said.empty() && said != gap) print(fmt::format("({})", printable(said)));
    gap = said;
  }

 private:
  void print(const std::string& text) {
    if (std::exchange(head_due, false)) print_head(log);
    fmt::print("{}\n", text);
  }
};

Result<std::vector<std::unique_ptr<Following>>> followed(const std::vector<Log>& logs) {
  std::vector<std::unique_ptr<Following>> out;
  for (auto& log : logs) {
    auto follower = io::LogFollower::open_at_line(log.path, io::wall_time());
    if (!follower) return std::unexpected(follower.error());
    out.push_back(std::make_unique<Following>(log, logs.size() > 1, std::move(*follower)));
  }
  return out;
}

int print_and_follow(const Asked& asked, const std::vector<Log>& logs) {
  auto all = followed(logs);
  if (!all) return complain(all.error());
  for (auto& one : *all) print_end(one->log, one->follower->at(), asked.lines, one->several);
  while (std::fflush(stdout) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    for (auto& one : *all) one->print_new();
  }
  return kDone;
}

int print_logs(Session& session, const Asked& asked) {
  auto release = release_of(session, asked);
  if (!release && asked.release.empty()) release = "";  // no run tells which was the newest
  if (!release) return complain(release.error());
  auto found = logs_of(session, asked, *release);
  if (!found) return complain(found.error());
  auto& logs = *found;
  if (logs.empty())
    return complain({Code::refused, fmt::format("no instance of `{}` has a log here", printable(asked.service)),
                     "`davy instances` lists what was started; logs of what is gone are kept for a week"});
  if (session.common().json) {
    auto out = spec::Json::array();
    for (auto& log : logs) out.push_back({{"instance", log.name}, {"log", log.path}});
    return print_json(out), kDone;
  }
  if (asked.follow) return print_and_follow(asked, logs);
  for (auto& log : logs) print_end(log, length(log.path), asked.lines, logs.size() > 1);
  return kDone;
}

}  // namespace

void add_logs(Program& p) {
  static Asked asked;
  auto sub = p.command("logs", "Prints what instances of a service say, or said before they were taken down",
                       "davy logs shop --release candidate -f");
  sub->add_option("SERVICE", asked.service, "the service")->required();
  sub->add_option("-t,--to", asked.environment, "only of this environment");
  sub->add_option(
         "--release", asked.release,
         "of the newest run: candidate or previous; or all that are kept; without it what lives, and that candidate")
      ->check(CLI::IsMember({"candidate", "previous", "all"}));
  sub->add_option("-n,--lines", asked.lines, "how many, of each instance")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  sub->add_flag("-f,--follow", asked.follow, "and what they say from now on");
  p.runs(sub, [](Session& session) { return print_logs(session, asked); });
}

}  // namespace davy::cli
