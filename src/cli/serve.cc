// serve: keeps the watches of a state directory; watch: shows them.
#include "control/serve.h"

#include <fmt/format.h>

#include <mutex>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/interrupts.h"
#include "control/watches.h"

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
  static bool once = false;
  auto sub = p.command("serve", "Keeps looking after rollouts: what `watch:` says is due, rules, the way back", "davy serve");
  sub->add_flag("--once", once, "do what is due now, and end: for cron and timers; rules are read by one that stays");
  p.runs(sub, [](Session& session) { return serve(session, once); });
}

void add_watch(Program& p) {
  static std::string service;
  auto sub = p.command("watch", "Shows what is looked at after rollouts, how it was found, and what comes next", "davy watch");
  sub->add_option("SERVICE", service, "a service or a run; without it all");
  sub->footer("Exit codes: 0 all is well, 5 something is not, or nobody keeps the watch.");
  p.runs(sub, [](Session& session) { return show(session, service); });
}

}  // namespace davy::cli
