// instances: what Davy started on this machine and what became of it. prune: takes down what no run needs.
#include "control/instances.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "providers/platform/process.h"
#include "view/ink.h"

namespace davy::cli {
namespace {

std::string state_of(const ports::InstanceState& s) {
  if (s.alive) return fmt::format("pid {}", s.pid);
  if (s.exit_code) return fmt::format("exit {}", *s.exit_code);
  return s.signal ? fmt::format("signal {}", *s.signal) : "gone";
}

// A row, or, where a screen is too narrow for it, whose it is and below that how it stands.
void print(const control::Instance& one, const view::Look& look, Time now) {
  auto name = printable(providers::words_of_key(one.state.key)), since = "since " + human(now - one.state.started);
  auto why = one.needed.empty() ? "nobody needs it: `davy prune`" : one.needed;
  auto row = fmt::format("{:<72} {:<12} {:<16} {}", name, state_of(one.state), since, why);
  if (view::columns(row) <= look.width) return fmt::print("{}\n", row);
  for (auto& part : view::wrapped(name, look.width, 4, look.unicode)) fmt::print("{}\n", part);
  auto rest = fmt::format("{}, {}, {}", state_of(one.state), since, why);
  for (auto& part : view::wrapped(rest, look.width - 2, 4, look.unicode)) fmt::print("  {}\n", part);
}

int list(Session& session) {
  auto all = control::instances(session.runs);
  if (!all) return complain(all.error());
  auto json = spec::Json::array();
  auto now = session.runs.now();
  auto look = session.look();
  if (!session.live()) look.width = 1 << 16;  // a pipe has no width
  for (auto& one : *all) {
    json.push_back({{"instance", one.state.key},
                    {"release", one.release},
                    {"alive", one.state.alive},
                    {"state", state_of(one.state)},
                    {"started", timestamp(one.state.started)},
                    {"log", one.state.log_path},
                    {"needed", !one.needed.empty()},
                    {"why", one.needed}});
    if (!session.common().json) print(one, look, now);
  }
  if (session.common().json)
    print_json(json);
  else if (all->empty())
    fmt::print("no instance was started here\n");
  return kDone;
}

int prune(Session& session, bool dry) {
  auto json = spec::Json::array();
  int worst = kDone;
  auto pruned = control::prune(session.runs, dry, [&](auto& release, auto& gone) {
    auto said = !gone ? to_string(gone.error()) : dry ? "would be taken down" : "taken down";
    if (!gone) worst = kRefused;
    json.push_back({{"release", release}, {"done", gone && !dry}, {"says", said}});
    if (!session.common().json) fmt::print("{}  {}\n", printable(release), printable(said));
  });
  if (!pruned) return complain(pruned.error());
  if (session.common().json)
    print_json(json);
  else if (json.empty())
    fmt::print("nothing to take down: each instance is needed\n");
  return worst;
}

}  // namespace

void add_instances(Program& p) {
  static bool dry = false;
  auto sub = p.command("instances", "Lists what Davy started on this machine, and who needs it", "davy instances");
  p.runs(sub, [](Session& session) { return list(session); });
  auto pruning = p.command("prune", "Takes down instances that no run needs: out of the router, then ended",
                           "davy prune --dry-run");
  pruning->add_flag("-n,--dry-run", dry, "only say which");
  p.runs(pruning, [](Session& session) { return prune(session, dry); });
}

}  // namespace davy::cli
