#include <fmt/format.h>

#include "cli/commands.h"

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

std::string row(const ports::RunInfo& run, Time now) {
  if (!run.damage.empty()) return fmt::format("{:<20} {}", run.id, printable(run.damage));
  auto took = human((run.ended.value_or(now) - run.started));
  return fmt::format("{:<20} {:<19} {:<12} {:<14} {:<13} {:>8}  {}", run.id, timestamp(run.started).substr(0, 19),
                     run.environment, printable(run.version).substr(0, 14), run.ending.value_or("open"), took,
                     printable(run.who));
}

}  // namespace

void add_history(Program& p) {
  static ports::Journal::Filter filter;
  auto sub = p.command("history", "Lists runs, the last that began first", "davy history --environment production");
  sub->add_option("-e,--environment", filter.environment, "only of this environment");
  sub->add_option("-s,--service", filter.service, "only of this service");
  sub->add_option("-n,--most", filter.most, "how many")->capture_default_str();
  p.runs(sub, [](Session& session) -> int {
    auto runs = session.runs(filter);
    if (!runs) return complain(runs.error());
    if (session.common().json) {
      auto all = spec::Json::array();
      for (auto& run : *runs) all.push_back(json_of(run));
      print_json(all);
    } else if (runs->empty()) {
      fmt::print("no run yet: `davy deploy VERSION` starts one\n");
    } else {
      fmt::print("{:<20} {:<19} {:<12} {:<14} {:<13} {:>8}  {}\n", "run", "started (UTC)", "environment", "version",
                 "ending", "took", "who");
      for (auto& run : *runs) fmt::print("{}\n", row(run, session.now()));
    }
    return kDone;
  });
}

}  // namespace davy::cli
