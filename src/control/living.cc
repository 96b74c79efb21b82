#include "control/living.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.h"
#include "host/beginning.h"
#include "io/posix/lockfile.h"
#include "io/posix/machine.h"
#include "io/posix/plan_folder.h"
#include "view/words.h"

namespace davy::control {
namespace {

// Nothing when nobody holds it. An error is no absence: it is kept for people.
std::optional<std::string> holder(const std::string& path, Life& out) {
  auto held = io::LockFile::holder(path);
  if (held) return *held;
  out.blind = held.error().message;
  return {};
}

pid_t pid_in(std::string_view line) {
  constexpr std::string_view kPid = "pid ";
  return line.starts_with(kPid) ? static_cast<pid_t>(std::atol(std::string(line.substr(kPid.size())).c_str())) : 0;
}

std::string exposed(const view::RunView& v) {
  auto whose = view::exposed_in_words(v.shares);
  return whose.empty() ? "" : fmt::format(": {} are on {}, and nobody judges it", whose, v.version);
}

void tell_moves(const io::Taking& taking, std::vector<std::string>& out) {
  for (auto& [what, why] : taking.open)
    out.push_back(fmt::format("the keeper cannot move users back: {}: {}; tried since {}, and on", what, why,
                              timestamp(taking.since)));
  if (taking.open.empty() && taking.at)
    out.push_back(fmt::format("the keeper moved all users back at {}: no engine judged", timestamp(*taking.at)));
}

// What the plan calls by where it stood is not found any more.
void tell_lost_folder(const std::vector<view::TimedEvent>& events, std::vector<std::string>& out) {
  auto started = events.empty() ? nullptr : std::get_if<run::Started>(&events.front().event);
  io::PlanFolder folder{started ? started->runbook.setup.directory : "", ""};
  if (folder.gone())
    out.push_back(
        fmt::format("the plan's folder {} has gone: what begins there begins in an empty one, and finds "
                    "nothing that is not named in full",
                    folder.path));
}

}  // namespace

Life life_of(const Runs& runs, const std::string& run) {
  Life out;
  auto spool = runs.dir().spool(run);
  if (auto begun = host::begins(runs.dir(), run))
    out.begins = *begun;
  else
    out.blind = begun.error().message;
  if (auto line = holder(runs.dir().engine_lock(run), out)) {
    out.engine = true;
    out.engine_pid = pid_in(*line);
    if (auto stat = io::process_stat(out.engine_pid)) out.stopped = stat->stopped;
  }
  out.keeper = holder(spool + "/keeper.lock", out).has_value();
  std::error_code gone;
  out.armed = std::filesystem::exists(spool + "/armed", gone);
  auto taking = io::read_taking(io::Spool(spool));
  if (taking)
    out.taking = *taking;
  else
    out.blind = taking.error().message;
  return out;
}

Time heard_last(const view::RunView& view, const std::vector<view::TimedEvent>& events) {
  auto last = events.empty() ? view.started : events.back().at;
  return view.windows.empty() ? last : std::max(last, view.windows.back().to);
}

std::vector<std::string> alarms(const Life& life, const view::RunView& view,
                                const std::vector<view::TimedEvent>& events) {
  std::vector<std::string> out;
  if (view.closed) out.push_back("maintenance is on: users see its page");
  if (view.ended) return out;
  if (!life.blind.empty()) out.push_back(fmt::format("whether it is driven cannot be told: {}", life.blind));
  auto moved = life.taking && life.taking->at && life.taking->open.empty();
  if (!life.begins && !life.engine && life.blind.empty())
    out.push_back(fmt::format("nobody drives this run since {}{}{}: `davy resume {}`",
                              timestamp(heard_last(view, events)), life.keeper ? "" : " (its keeper is gone, too)",
                              moved ? "" : exposed(view), view.id));
  if (life.stopped)
    out.push_back(
        fmt::format("the engine (pid {0}) stands still: `kill -CONT {0}`, or `kill -9 {0}` and "
                    "`davy resume {1}`",
                    life.engine_pid, view.id));
  if (life.taking) tell_moves(*life.taking, out);
  tell_lost_folder(events, out);
  return out;
}

spec::Json to_json(const Life& life) {
  spec::Json out{{"begins", life.begins},
                 {"engine", life.engine},
                 {"keeper", life.keeper},
                 {"driven", life.driven()},
                 {"armed", life.armed}};
  if (life.engine_pid > 0) out["engine_pid"] = life.engine_pid;
  if (life.taking) {
    auto open = spec::Json::array();
    for (auto& [what, why] : life.taking->open) open.push_back({{"move", what}, {"why", why}});
    out["way_back"] = {{"since", timestamp(life.taking->since)}, {"done", life.taking->done}, {"open", open}};
  }
  if (!life.blind.empty()) out["cannot_tell"] = life.blind;
  return out;
}

}  // namespace davy::control
