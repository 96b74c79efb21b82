#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/follow.h"
#include "control/answering.h"
#include "control/look.h"
#include "control/proven_copies.h"
#include "control/watching/watches.h"
#include "view/ink.h"
#include "view/standing.h"

namespace davy::cli {
namespace {

constexpr int kPipeWidth = 140, kPipeHeight = 1000;
constexpr std::size_t kMostRows = 20;  // of one line

// Whether people are needed comes before where it stands.
int code_of(const control::Standing& s) {
  if (s.needs_people()) return kNeedsPeople;
  if (s.view.ending) return exit_of(*s.view.ending);
  return s.view.mode == run::Mode::held ? kHeld : kDone;
}

std::string state_of(const control::Standing& s) {
  if (!s.alarms.empty()) return s.alarms.front();
  if (s.view.mode == run::Mode::held) return "held: " + s.view.question_or_sentence;
  return s.view.mode == run::Mode::retreat ? "rolling back" : "goes forward";
}

// Several open runs: a line each, and the worst of their exit codes.
int list(Session& session, const std::vector<ports::RunInfo>& open) {
  auto all = spec::Json::array();
  int worst = kDone;
  for (auto& run : open) {
    auto standing = run.damage.empty() ? control::standing_of(session.runs, run.id) : fail(Code::internal, run.damage);
    worst = std::max(worst, standing ? code_of(*standing) : static_cast<int>(kNeedsPeople));
    auto said = standing ? state_of(*standing) : standing.error().message;
    all.push_back({{"run", run.id}, {"environment", run.environment}, {"version", run.version}, {"state", said}});
    if (!standing)
      all.back()["damage"] = said;
    else
      all.back()["alarms"] = standing->alarms;
    if (session.common().json) continue;
    fmt::print("{}  {} {} to {}, since {} by {}\n  {}\n", run.id, joined(run.services, ", "), printable(run.version),
               run.environment, timestamp(run.started), printable(run.who), printable(said));
  }
  if (session.common().json) print_json(all);
  return worst;
}

// In a pipe nothing is cut that people must read in full.
view::Look look_of(const Session& session) {
  auto look = session.look();
  if (!session.live()) look.width = std::max(look.width, kPipeWidth), look.height = kPipeHeight;
  return look;
}

std::vector<std::string> rows_of(const std::vector<std::string>& lines, const std::string& before,
                                 const view::Look& look) {
  std::vector<std::string> out;
  for (auto& line : lines)
    for (auto& row : view::wrapped(before + printable(line), look.width, kMostRows, look.unicode)) out.push_back(row);
  return out;
}

// The tree has what the lines around it leave of a screen, so that its head stays in sight. A pipe has no width.
void print(const Session& session, const control::Standing& standing, const std::vector<std::string>& serves) {
  auto look = look_of(session), around = look;
  if (!session.live()) around.width = 1 << 16;
  auto above = rows_of(standing.alarms, "! ", around), below = rows_of(serves, "", around);
  if (!above.empty()) above.emplace_back();
  if (!below.empty()) below.emplace(below.begin());
  look.height -= static_cast<int>(above.size() + below.size()) + 1;  // and the row of the next prompt
  for (auto& row : above) fmt::print("{}\n", row);
  for (auto& row : view::frame(standing.view, look, session.runs.now())) fmt::print("{}\n", row);
  for (auto& row : below) fmt::print("{}\n", row);
}

int show(Session& session, const std::string& id, bool attach) {
  auto run = session.runs.find(id);
  if (!run) return complain(run.error());
  if (attach && !run->ended) return follow(session, run->id);
  auto standing = control::look(session.runs, *run);
  if (!standing) return complain(standing.error());
  if (session.common().json) return print_json(to_json(*standing)), code_of(*standing);
  auto below = in_words(standing->serves, session.runs.now());
  for (auto& line : in_words(standing->untold, run->id)) below.push_back(line);
  if (auto watch = control::watch_of(session.runs, run->id); watch && *watch)
    below.push_back(view::below_a_run(**watch, session.runs.now()));
  if (standing->view.ending != run::Ending::rolled_back)
    for (auto& one : control::proven_copies(standing->events))
      below.push_back(control::in_words(one, session.runs.now()));
  print(session, *standing, below);
  return code_of(*standing);
}

spec::Json json_of(const control::Question& q) {
  return {{"run", q.run.id},
          {"environment", q.run.environment},
          {"version", q.run.version},
          {"asked", q.operation},
          {"item", q.item},
          {"who", q.who},
          {"until", timestamp(q.until)}};
}

// What waits for somebody, and what they would type.
int list_questions(Session& session, const std::string& as) {
  auto all = control::questions(session.runs, as);
  if (!all) return complain(all.error());
  auto json = spec::Json::array();
  for (auto& q : *all) {
    json.push_back(json_of(q));
    if (session.common().json) continue;
    fmt::print("{} {} to {}, run {}: {}, until {}\n  davy {} {} {} --as {}\n", joined(q.run.services, ", "),
               printable(q.run.version), q.run.environment, q.run.id, printable(q.item), timestamp(q.until),
               q.operation, q.run.id, printable(view::quoted(q.item)), printable(view::quoted(q.who)));
  }
  if (session.common().json) return print_json(json), kDone;
  if (all->empty()) fmt::print("nothing waits for {}\n", printable(as));
  return kDone;
}

}  // namespace

void add_status(Program& p) {
  static std::string run;
  static std::string as;
  static bool attach = false;
  auto sub = p.command("status", "Shows a run: where it is, what it waits for, what to type next", "davy status");
  sub->add_option("RUN", run, "the run; without it the only open one, or the newest");
  sub->add_flag("-a,--attach", attach, "follow it, until it ends or is held");
  sub->add_option("--as", as, "a person or role: only what waits for them, in all open runs");
  sub->footer(kExitCodes);
  p.runs(sub, [](Session& session) -> int {
    if (!as.empty()) return list_questions(session, as);
    auto open = session.runs.list({.open_only = true});
    if (!open) return complain(open.error());
    return run.empty() && open->size() > 1 ? list(session, *open) : show(session, run, attach);
  });
}

}  // namespace davy::cli
