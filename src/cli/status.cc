#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/drive.h"
#include "cli/living.h"
#include "cli/serves_now.h"
#include "view/ink.h"

namespace davy::cli {
namespace {

constexpr int kPipeWidth = 140, kPipeHeight = 1000;
constexpr std::size_t kMostRows = 20;  // of one line

struct Standing {
  view::RunView view;
  Life life;
  std::vector<std::string> alarms;
  std::vector<view::TimedEvent> events;
  bool outage = false;  // what the newest run shipped does not serve any more

  // 5: people are needed now, for nobody drives it, nobody serves, or the keeper cannot move users back.
  int exit() const {
    if (outage) return kNeedsPeople;
    if (view.ending) return exit_of(*view.ending);
    bool stuck = life.taking && !life.taking->open.empty();
    if (!life.driven() || stuck) return kNeedsPeople;
    return view.mode == run::Mode::held ? kHeld : kDone;
  }
};

Result<Standing> standing_of(Session& session, const std::string& run) {
  auto events = session.events(run);
  if (!events) return std::unexpected(events.error());
  auto view = session.view(run);
  if (!view) return std::unexpected(view.error());
  Standing out{.view = std::move(*view), .life = life_of(session, run)};
  out.alarms = alarms(out.life, out.view, heard_last(out.view, *events));
  if (!out.view.ended && !out.life.driven()) {  // first of all somebody must drive it
    auto resume = "davy resume " + run;
    std::erase(out.view.next, resume);
    out.view.next.insert(out.view.next.begin(), resume);
    out.view.next_command = joined(out.view.next, "   or   ");
  }
  out.events = std::move(*events);
  return out;
}

spec::Json json_of(const Standing& standing) {
  auto out = view::to_json(standing.view);
  out["life"] = to_json(standing.life);
  out["alarms"] = standing.alarms;
  return out;
}

std::string state_of(const Standing& s) {
  if (!s.alarms.empty()) return s.alarms.front();
  if (s.view.mode == run::Mode::held) return "held: " + s.view.question_or_sentence;
  return s.view.mode == run::Mode::retreat ? "rolling back" : "goes forward";
}

// Several open runs: a line each, and the worst of their exit codes.
int list(Session& session, const std::vector<ports::RunInfo>& open) {
  auto all = spec::Json::array();
  int worst = kDone;
  for (auto& run : open) {
    auto standing = run.damage.empty() ? standing_of(session, run.id) : fail(Code::internal, run.damage);
    worst = std::max(worst, standing ? standing->exit() : static_cast<int>(kNeedsPeople));
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

const run::Runbook* book_of(const Standing& s) {
  auto started = s.events.empty() ? nullptr : std::get_if<run::Started>(&s.events.front().event);
  return started ? &started->runbook : nullptr;
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
void print(const Session& session, const Standing& standing, const std::vector<std::string>& serves) {
  auto look = look_of(session), around = look;
  if (!session.live()) around.width = 1 << 16;
  auto above = rows_of(standing.alarms, "! ", around), below = rows_of(serves, "", around);
  if (!above.empty()) above.emplace_back();
  if (!below.empty()) below.emplace(below.begin());
  look.height -= static_cast<int>(above.size() + below.size()) + 1;  // and the row of the next prompt
  for (auto& row : above) fmt::print("{}\n", row);
  for (auto& row : view::frame(standing.view, look, session.now())) fmt::print("{}\n", row);
  for (auto& row : below) fmt::print("{}\n", row);
}

// Of a service's first release that did not come to be, nobody.
bool somebody_should_serve(const Standing& s, const ServesNow& one) {
  auto subject = std::ranges::find(s.view.subjects, one.service, &run::Subject::service);
  return s.view.ending == run::Ending::done || (subject != s.view.subjects.end() && !subject->previous.none());
}

// Of an older run it is no news. While a run goes on nobody may serve for a while, as it should be (in place).
void tell_of_now(Standing& standing, const std::vector<ServesNow>& serves) {
  for (auto& line : strangers(serves)) standing.alarms.push_back(line);
  if (!standing.view.ended || standing.view.closed) return;
  auto expected = serves;
  std::erase_if(expected, [&](auto& one) { return !somebody_should_serve(standing, one); });
  for (auto& line : outages(expected)) {
    standing.alarms.push_back(line + ": `davy deploy VERSION`, or `davy rollback`");
    standing.outage = true;
  }
}

int show(Session& session, const std::string& id, bool attach) {
  auto run = session.run(id);
  if (!run) return complain(run.error());
  if (attach && !run->ended) return follow(session, run->id);
  auto standing = standing_of(session, run->id);
  if (!standing) return complain(standing.error());
  std::vector<ServesNow> serves;
  if (auto book = book_of(*standing); book && book->subjects.size() > 0)
    serves = serves_now(session, *book, standing->events, standing->life.driven());
  correct_shares(standing->view, serves);
  standing->alarms = alarms(standing->life, standing->view, heard_last(standing->view, standing->events));
  if (id.empty()) tell_of_now(*standing, serves);
  if (session.common().json) {
    auto json = json_of(*standing);
    json["serves_now"] = to_json(serves);
    return print_json(json), standing->exit();
  }
  print(session, *standing, in_words(serves, session.now()));
  return standing->exit();
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
