#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/commands.h"
#include "control/driving.h"
#include "view/ink.h"

namespace davy::cli {
namespace {

spec::Json json_of(const ports::RunInfo& run) {
  if (!run.damage.empty()) return {{"run", run.id}, {"number", run.number}, {"damage", run.damage}};
  spec::Json out{
      {"run", run.id},  {"services", run.services}, {"environment", run.environment},   {"version", run.version},
      {"who", run.who}, {"why", run.why},           {"started", timestamp(run.started)}};
  if (run.ended) out["ended"] = timestamp(*run.ended);
  out["ending"] = run.ending.value_or("open");
  out["sentence"] = run.sentence;
  return out;
}

// Behind who began it: why, what it takes back, and that an open one does not go on.
std::string said_of(Session& session, const ports::RunInfo& run) {
  auto out = run.why.empty() ? "" : ": " + printable(run.why);
  if (auto takes_back = session.runs.takes_back(run); !takes_back.empty())
    out += fmt::format(" (takes back {})", takes_back);
  return run.damage.empty() && !run.ended && control::nobody_drives(session.runs, run.id) ? out + " (nobody drives it)"
                                                                                          : out;
}

std::string row(const ports::RunInfo& run, const std::string& said, Time now) {
  if (!run.damage.empty()) return fmt::format("{:<20} {}", run.id, printable(run.damage));
  auto took = human((run.ended.value_or(now) - run.started));
  return fmt::format("{:<20} {:<19} {:<12} {:<16} {:<14} {:<13} {:>8}  {}{}", run.id,
                     timestamp(run.started).substr(0, 19), run.environment, joined(run.services, ","),
                     printable(run.version).substr(0, 14), run.ending.value_or("open"), took, printable(run.who), said);
}

constexpr std::size_t kVersion = 14;

// As wide as the longest of them: on a narrow screen how a run ended must be in sight.
std::size_t version_column(const std::vector<ports::RunInfo>& runs) {
  std::size_t out = std::string_view("version").size();
  for (auto& run : runs) out = std::max(out, std::min(printable(run.version).size(), kVersion));
  return out;
}

// Where a row does not fit: what tells runs apart, and why; the rest is in --json.
std::string short_row(const ports::RunInfo& run, const std::string& said, Time now, int width, std::size_t version) {
  if (!run.damage.empty()) return row(run, said, now);
  auto took = human((run.ended.value_or(now) - run.started));
  auto text = fmt::format("{:<19} {:<{}} {:<12} {:>8}  {}{}", run.id, printable(run.version).substr(0, version),
                          version, run.ending.value_or("open"), took, printable(run.who), said);
  return view::cut(text, width);
}

constexpr int kWhole = 120;  // columns that a row needs

}  // namespace

void add_history(Program& p) {
  static ports::Journal::Filter filter;
  auto sub = p.command("history", "Lists runs, the last that began first", "davy history --environment production");
  sub->add_option("-t,--to,-e,--environment", filter.environment, "only of this environment");
  sub->add_option("-s,--service", filter.service, "only of this service");
  sub->add_option("-n,--most", filter.most, "how many")->capture_default_str()->check(CLI::Range(1, 1'000'000));
  p.runs(sub, [](Session& session) -> int {
    auto runs = session.runs.list(filter);
    if (!runs) return complain(runs.error());
    if (session.common().json) {
      auto all = spec::Json::array();
      for (auto& run : *runs) {
        all.push_back(json_of(run));
        if (auto takes_back = session.runs.takes_back(run); !takes_back.empty()) all.back()["takes_back"] = takes_back;
      }
      print_json(all);
    } else if (runs->empty()) {
      bool any = filter.environment.empty() && filter.service.empty();
      fmt::print("{} in {}; runs of another state directory are found with --state DIR, or $DAVY_STATE\n",
                 any ? "no run yet" : "no run of that service and environment", session.runs.dir().root);
    } else {
      auto width = session.live() ? session.look().width : kWhole;
      auto version = version_column(*runs);
      if (width < kWhole)
        fmt::print("{}\n", view::cut(fmt::format("{:<19} {:<{}} {:<12} {:>8}  {}", "run", "version", version, "ending",
                                                 "took", "who"),
                                     width));
      else
        fmt::print("{:<20} {:<19} {:<12} {:<16} {:<14} {:<13} {:>8}  {}\n", "run", "started (UTC)", "environment",
                   "service", "version", "ending", "took", "who");
      for (auto& run : *runs) {
        auto said = said_of(session, run);
        fmt::print("{}\n", width < kWhole ? short_row(run, said, session.runs.now(), width, version)
                                          : row(run, said, session.runs.now()));
      }
    }
    return kDone;
  });
}

}  // namespace davy::cli
