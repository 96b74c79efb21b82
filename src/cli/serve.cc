// serve: keeps the watches of a state directory; watch: shows them.
#include "control/watching/serve.h"

#include <fmt/format.h>

#include <filesystem>
#include <mutex>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/interrupts.h"
#include "control/watching/serve_unit.h"
#include "control/watching/watches.h"
#include "io/posix/machine.h"

namespace davy::cli {
namespace {

// Several watches speak, one line at a time.
void say(Session& session, const std::string& line) {
  static std::mutex one_at_a_time;
  std::lock_guard lock(one_at_a_time);
  std::fprintf(stderr, "%s %s\n", timestamp(session.runs.now()).c_str(), printable(line).c_str());
}

int serve(Session& session, bool once) {
  std::stop_source asked;
  Interrupts interrupts(asked);
  auto told = [&](const std::string& line) { say(session, line); };
  if (!once) told("serving " + session.runs.dir().root);
  auto served = control::serve(session.runs, {.once = once, .say = told}, asked.get_token());
  return served ? static_cast<int>(kDone) : complain(served.error());
}

// Where it would be found by systemd; printed where nobody may write there.
int install(Session& session, const std::string& folder) {
  std::error_code none;
  auto program = std::filesystem::read_symlink("/proc/self/exe", none).string();
  auto unit = control::serve_unit(program, std::filesystem::absolute(session.runs.dir().root, none).string(),
                                  io::this_machine().user);
  auto path = control::install_serve_unit(folder, unit);
  if (!path) return complain(path.error());
  fmt::print("{} is written; now\n  systemctl daemon-reload && systemctl enable --now davy-serve\n", *path);
  return kDone;
}

int show(Session& session, const std::string& service) {
  auto all = control::watches(session.runs, service);
  if (!all) return complain(all.error());
  bool needs = false;
  auto json = spec::Json::array();
  auto look = session.look();
  for (auto& one : *all) {
    needs |= view::needs_people(one);
    json.push_back(view::to_json(one));
    if (session.common().json) continue;
    if (&one != &all->front()) fmt::print("\n");
    for (auto& row : view::rows_of(one, look, session.runs.now())) fmt::print("{}\n", row);
  }
  if (session.common().json) print_json(json);
  if (!session.common().json && all->empty())
    fmt::print("nothing is watched{}: a run that is done opens its watch, where the plan has a section `watch`\n",
               service.empty() ? "" : " of " + printable(service));
  return needs ? kNeedsPeople : kDone;
}

}  // namespace

void add_serve(Program& p) {
  static bool once = false, installs = false;
  static std::string folder = "/etc/systemd/system";
  auto sub =
      p.command("serve", "Keeps looking after rollouts: what `watch:` says is due, rules, the way back", "davy serve");
  sub->add_flag("--once", once, "do what is due now, and end: for cron and timers; rules are read by one that stays");
  auto unit =
      sub->add_flag("--install", installs, "write a unit with which systemd starts it at boot, and keeps it alive");
  sub->add_option("--unit-folder", folder, "where the unit is written")->capture_default_str()->needs(unit);
  p.runs(sub, [](Session& session) { return installs ? install(session, folder) : serve(session, once); });
}

void add_watch(Program& p) {
  static std::string service;
  auto sub =
      p.command("watch", "Shows what is looked at after rollouts, how it was found, and what comes next", "davy watch");
  sub->add_option("SERVICE", service, "a service or a run; without it all");
  sub->footer("Exit codes: 0 all is well, 5 something is not, or nobody keeps the watch.");
  p.runs(sub, [](Session& session) { return show(session, service); });
}

}  // namespace davy::cli
