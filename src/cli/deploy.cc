#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/follow.h"
#include "control/begin.h"

namespace davy::cli {
namespace {

using How = control::Begun::How;

int serves_already(const Session& session, const std::string& says) {
  if (session.common().json)
    print_json({{"run", nullptr}, {"says", says}});
  else
    fmt::print("{}; --again deploys it all the same\n", says);
  return kDone;
}

// What must be mended outside was not Davy's failure: nothing was changed.
int not_ready(const Error& why) {
  complain(why);
  return why.code == Code::invalid ? kWrong : kRefused;
}

int started(Session& session, const std::string& run, bool detach) {
  if (!detach) return follow(session, run);
  if (session.common().json)
    print_json({{"run", run}});
  else
    fmt::print("{}\n", run);
  return kDetached;
}

// The open run is told to give way, and followed until it has.
int replace(Session& session, control::Behind behind, const control::Wish& wish, const std::string& as, bool detach) {
  auto what = fmt::format("{} {}", behind.draft.book.subjects.front().service, wish.version);
  auto code =
      put(session, "replace", {.run = wish.replaces, .about = what, .note = wish.why, .as = as, .follow = true});
  auto begun = control::take_its_place(session.runs, std::move(behind));
  if (!begun) return complain(begun.error());
  if (begun->how == How::not_ready) return not_ready(begun->why);
  if (begun->how == How::not_replaced) return code == kDone || code == kDetached ? kRefused : code;
  return started(session, begun->run, detach);
}

int deploy(Session& session, const std::string& file, control::Wish wish, const std::string& as, bool detach) {
  if (auto sense = control::makes_sense(wish); !sense) return complain(sense.error());
  auto loaded = load(file, session);
  if (!loaded) return loaded.error();
  auto environment = control::environment_of(loaded->plan, wish.environment);
  if (!environment) return complain(environment.error());
  wish.environment = *environment, wish.who = speaker(as);
  auto begun = control::begin(session.runs, *loaded, wish,
                              [](auto& line) { fmt::print(stderr, "note: {}\n", printable(line)); });
  if (!begun) return complain(begun.error());
  switch (begun->how) {
    case How::serves_already:
      return serves_already(session, begun->says);
    case How::not_ready:
      return not_ready(begun->why);
    case How::stands_behind:
      return replace(session, std::move(*begun->behind), wish, as, detach);
    case How::goes_on:
    case How::not_replaced:
      break;
  }
  return started(session, begun->run, detach);
}

}  // namespace

void add_deploy(Program& p) {
  static std::string file = "davy.yaml", as;
  static control::Wish wish;
  static bool detach = false;
  auto sub = p.command("deploy", "Carries the plan out for one version, and takes it back if it is bad",
                       "davy deploy 1.4.2 --to production --why \"faster search\"");
  sub->add_option("VERSION", wish.version, "what to ship")->required();
  sub->add_option("-f,--file", file, "the plan")->capture_default_str();
  sub->add_option("-t,--to", wish.environment, "the environment");
  sub->add_option("--why", wish.why, "said to whoever finds the lock held, and kept in the history");
  sub->add_option("--as", as, "on whose behalf, as claimed");
  sub->add_option(
      "--serves", wish.serves,
      "the version that serves now, after a run that somebody left as it stood; `nothing`: no release of Davy's");
  sub->add_flag("--again", wish.again, "also when this version serves already");
  sub->add_flag("--urgent", wish.urgent, "leave out what is optional, bake as long as the conditions need; with --why");
  sub->add_flag("--now", wish.now, "whatever the environment's deploy-window and freeze say; with --why");
  sub->add_option("--replace", wish.replaces, "an open run: it is taken back first, its migrations stay");
  sub->add_flag("-d,--detach", detach, "start it in the background, print its run, exit 7");
  sub->footer(kExitCodes);
  p.runs(sub, [](Session& session) { return deploy(session, file, wish, as, detach); });
}

}  // namespace davy::cli
