#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/drive.h"
#include "io/keeper/way_back.h"

namespace davy::cli {
namespace {

int list(Session& session, const std::vector<ports::RunInfo>& open) {
  if (session.common().json) {
    auto all = spec::Json::array();
    for (auto& run : open)
      if (run.damage.empty())
        all.push_back({{"run", run.id}, {"environment", run.environment}, {"version", run.version}});
      else
        all.push_back({{"run", run.id}, {"damage", run.damage}});
    print_json(all);
    return kDone;
  }
  for (auto& run : open)
    if (!run.damage.empty())
      fmt::print("{}  {}\n", run.id, printable(run.damage));
    else
      fmt::print("{}  {} {} to {}, since {} by {}\n", run.id, joined(run.services, ", "), printable(run.version),
                 run.environment, timestamp(run.started), printable(run.who));
  return kDone;
}

// What the keeper writes down while it takes the way back: a move that cannot be taken is for people, now.
void tell_open_moves(Session& session, const std::string& run) {
  auto taking = io::read_taking(io::Spool(session.dir().spool(run)));
  if (!taking) return fmt::print("\nwhat the keeper does cannot be read: {}\n", printable(taking.error().message));
  if (!*taking) return;
  for (auto& [what, why] : (*taking)->open)
    fmt::print("\nthe keeper cannot move users back: {}\n  {}\n  tried since {}, and on\n", printable(what),
               printable(why), timestamp((*taking)->since));
}

int show(Session& session, const std::string& id, bool attach) {
  auto run = session.run(id);
  if (!run) return complain(run.error());
  if (attach && !run->ended) return follow(session, run->id);
  auto view = session.view(run->id);
  if (!view) return complain(view.error());
  if (session.common().json)
    print_json(view::to_json(*view));
  else
    for (auto& line : view::frame(*view, session.look(), session.now())) fmt::print("{}\n", line);
  if (!view->ending && !session.common().json) tell_open_moves(session, run->id);
  if (view->ending) return exit_of(*view->ending);
  return view->mode == run::Mode::held ? kHeld : kDone;
}

}  // namespace

void add_status(Program& p) {
  static std::string run;
  static bool attach = false;
  auto sub = p.command("status", "Shows a run: where it is, what it waits for, what to type next", "davy status");
  sub->add_option("RUN", run, "the run; without it the only open one, or the newest");
  sub->add_flag("-a,--attach", attach, "follow it");
  p.runs(sub, [](Session& session) -> int {
    auto open = session.runs({.open_only = true});
    if (!open) return complain(open.error());
    return run.empty() && open->size() > 1 ? list(session, *open) : show(session, run, attach);
  });
}

}  // namespace davy::cli
