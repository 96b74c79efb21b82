// logs: what instances of a service say, or said before they were taken down.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "cli/commands.h"
#include "host/keeper_start.h"
#include "io/keeper/instance_store.h"
#include "io/keeper/kept_logs.h"
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
  std::streamoff read = 0;
  std::filesystem::file_time_type turned{};  // when it last was, by <path>.1
  int waits = 0;                             // looks at which it was being turned
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

void print_lines(const std::string& text) {
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) fmt::print("{}\n", printable(line));
}

void head(const Log& log, bool several) {
  if (several) fmt::print("==> {} <==\n", printable(log.name));
}

std::filesystem::file_time_type last_turned(const Log& log) {
  std::error_code none;
  auto at = std::filesystem::last_write_time(log.path + ".1", none);
  return none ? std::filesystem::file_time_type{} : at;
}

// The last lines within the last MiB, of what was turned away too: <path>.1 goes before it (io/keeper/log_turner.h).
void print_end(Log& log, int lines, bool several) {
  constexpr std::streamoff kMost = 1 << 20;
  log.turned = last_turned(log);
  log.read = length(log.path);
  auto text = text_of(log.path, std::max<std::streamoff>(0, log.read - kMost), log.read);
  auto before = length(log.path + ".1"), room = kMost - static_cast<std::streamoff>(text.size());
  text.insert(0, text_of(log.path + ".1", std::max<std::streamoff>(0, before - room), before));
  auto at = text.size();
  for (int n = 0; n <= lines && at > 0 && at != text.npos; ++n) at = at == 1 ? 0 : text.rfind('\n', at - 2) + 1;
  if (at == text.size()) return;
  head(log, several);
  print_lines(text.substr(at));
}

// What stands there since, as far as lines are whole.
void print_more(Log& log, bool several) {
  constexpr std::size_t kLongestLine = 64 * 1024;
  auto text = text_of(log.path, log.read, length(log.path));
  auto whole = text.rfind('\n') + 1;  // npos + 1: none
  if (whole == 0 && text.size() > kLongestLine) whole = text.size();
  if (whole > 0) head(log, several);
  print_lines(text.substr(0, whole));
  log.read += static_cast<std::streamoff>(whole);
}

// What was turned away meanwhile stands in <path>.1, unless more was printed than is kept. It is copied there first and
// cut then: in between it stands in both.
bool being_turned(Log& log) {
  constexpr int kMostWaits = 25;
  return length(log.path) >= length(log.path + ".1") && ++log.waits < kMostWaits;
}

// A log whose front was taken off still begins with what there was of its last block.
void print_turned(Log& log) {
  constexpr std::streamoff kBlock = 4096;
  auto kept = length(log.path + ".1"), beyond = log.read - kept;
  bool in_the_rest = beyond > 0 && beyond < kBlock;
  if (beyond > 0 && !in_the_rest) fmt::print("(lines are missing here: more was printed than is kept)\n");
  print_lines(text_of(log.path + ".1", std::min(log.read, kept), kept));
  log.read = in_the_rest ? beyond : 0, log.waits = 0;
  log.turned = last_turned(log);  // it was written to until just before the log was cut
}

void print_new(Log& log, bool several) {
  auto at = last_turned(log);
  auto end = length(log.path);
  if (at == log.turned ? end == log.read : being_turned(log)) return;
  if (end < log.read && at == log.turned) log.read = 0;  // somebody else cut it
  if (at != log.turned) head(log, several), print_turned(log);
  print_more(log, several);
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
  for (auto& log : logs) print_end(log, asked.lines, logs.size() > 1);
  while (asked.follow && std::fflush(stdout) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    for (auto& log : logs) print_new(log, logs.size() > 1);
  }
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
