#include "providers/probe/supervisor.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::providers {
namespace {

// Those that do not run, each with its reason.
std::string troubles(const std::vector<Program>& programs) {
  constexpr std::size_t kShown = 5;
  std::vector<std::string> out;
  for (auto& p : programs)
    if (!p.runs() && out.size() < kShown) out.push_back(printable(full_name(p)) + " is " + says(p));
  return joined(out, "; ");
}

std::string in_words(const std::vector<Program>& programs, long running, Duration youngest) {
  auto all = std::ssize(programs);
  if (running < all && all > 1) return fmt::format("{} of {} RUNNING: {}", running, all, troubles(programs));
  if (running < all) return troubles(programs);
  if (all == 1) return "RUNNING for " + human(youngest);
  return fmt::format("{} RUNNING, the youngest for {}", all, human(youngest));
}

}  // namespace

bool fit_together(const SupervisorProbe& o, const spec::Value& given, spec::Diagnostics& d) {
  return reachable(o.place(), given, d);
}

ports::Observation observed(const std::vector<Program>& programs) {
  auto running = std::ranges::count_if(programs, &Program::runs);
  auto first = std::ranges::find_if_not(programs, &Program::runs);
  bool well = first == programs.end();
  auto youngest = well ? std::ranges::min(programs, {}, &Program::since).since : Duration{};
  return {.ok = well,
          .unwell = {"value", "running"},
          .says = in_words(programs, running, youngest),
          .numbers = {{"uptime", seconds(youngest)},
                      {"running", static_cast<double>(running)},
                      {"programs", static_cast<double>(programs.size())}},
          .words = {{"value", std::string(word(well ? ProgramState::running : first->state))}}};
}

ports::Task<ports::Observation> perform(SupervisorProbe o, ports::Outside& out, ports::Asking) {
  Supervisor supervisor(out, o.place());
  auto programs = co_await supervisor.programs(o.programs);
  if (!programs) co_return std::unexpected(programs.error());
  co_return observed(*programs);
}

void add_supervisor_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<SupervisorProbe>(
      "supervisor", "Looks at programs of a supervisord; well is that each is RUNNING.",
      "{ supervisor: all, expect: uptime > 10s }", perform,
      {{"value", spec::kWord, "RUNNING, or the state of the first that is not: FATAL, BACKOFF, STOPPED …"},
       {"uptime", Unit::seconds, "since the one that was started last was started; 0s while one does not run"},
       {"running", Unit::none, "how many are RUNNING", "programs"},
       {"programs", Unit::none, "how many there are of that name"}});
}

}  // namespace davy::providers
