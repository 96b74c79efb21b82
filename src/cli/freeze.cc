// freeze: an environment to which nothing is deployed for a while.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/follow.h"
#include "control/frozen.h"

namespace davy::cli {
namespace {

struct Said {
  std::string environment, until, why, as;
  bool lift = false;
};

spec::Json json_of(const control::Freeze& f) {
  return {{"environment", f.environment},
          {"since", timestamp(f.since)},
          {"until", timestamp(f.until)},
          {"why", f.why},
          {"who", f.who}};
}

void print(const control::Freeze& f) {
  fmt::print("{} is frozen until {} by {}: {}\n", printable(f.environment), timestamp(f.until), printable(f.who),
             printable(f.why));
}

int list(Session& session) {
  auto all = control::frozen(session.runs);
  if (!all) return complain(all.error());
  auto json = spec::Json::array();
  for (auto& one : *all) session.common().json ? json.push_back(json_of(one)) : print(one);
  if (session.common().json) return print_json(json), kDone;
  if (all->empty()) fmt::print("nothing is frozen\n");
  return kDone;
}

int lift(Session& session, const std::string& environment) {
  if (auto done = control::thaw(session.runs, environment); !done) return complain(done.error());
  if (session.common().json)
    print_json({{"environment", environment}, {"lifted", true}});
  else
    fmt::print("{} is frozen no more\n", printable(environment));
  return kDone;
}

// `2h` is a time from now on.
Result<Time> end_of(const std::string& text, Time now) {
  if (auto length = spec::decoded<Duration>(spec::text(text), "--until")) return now + *length;
  if (auto time = parse_timestamp(text)) return *time;
  return fail(Code::invalid, "`" + printable(text) + "` as an end",
              "2h, 90m, 3d, or a time such as 2026-12-27T08:00:00Z");
}

int freeze(Session& session, const Said& said) {
  if (said.until.empty() || said.why.empty())
    return complain(
        {Code::invalid, "a freeze needs --until and --why", "`davy freeze production --until 2h --why WHY`"});
  auto until = end_of(said.until, session.runs.now());
  if (!until) return complain(until.error());
  auto done = control::freeze(session.runs, said.environment, *until, said.why, speaker(said.as));
  if (!done) return complain(done.error());
  session.common().json ? print_json(json_of(*done)) : print(*done);
  return kDone;
}

}  // namespace

void add_freeze(Program& p) {
  static Said said;
  auto sub = p.command("freeze", "Refuses deployments to an environment for a while; without one lists what is frozen",
                       "davy freeze production --until 2h --why \"the shop is on television\"");
  auto named = sub->add_option("ENVIRONMENT", said.environment, "which, whatever plan deploys there");
  sub->add_option("--until", said.until, "for how long (2h), or until when (2026-12-27T08:00:00Z)");
  sub->add_option("-m,--note,--why", said.why, "for whoever is refused");
  sub->add_option("--as", said.as, "on whose behalf, as claimed");
  sub->add_flag("--lift", said.lift, "it is frozen no more");
  p.runs(sub, [named](Session& session) -> int {
    bool asks = said.until.empty() && said.why.empty() && !said.lift && !named->count();
    if (said.environment.empty() && !asks)
      return complain({Code::invalid, "which environment?", "`davy freeze production --until 2h --why WHY`"});
    if (said.environment.empty()) return list(session);
    return said.lift ? lift(session, said.environment) : freeze(session, said);
  });
}

}  // namespace davy::cli
