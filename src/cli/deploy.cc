#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/drive.h"
#include "cli/serves_now.h"
#include "host/engine_process.h"
#include "host/looking.h"
#include "store/rules.h"

namespace davy::cli {
namespace {

// Which version, how far it has come, and what would make way.
Error in_the_way(Session& session, const std::string& service, const ports::RunInfo& run) {
  auto out = store::run_in_the_way(service, run).error();
  auto view = session.view(run.id);
  if (!view) return out;
  std::string at;
  for (auto& step : view->steps)
    if (step.status == view::Status::running || step.status == view::Status::undoing) at = step.path;
  out.message += fmt::format("; it ships {}{}{}", printable(run.version),
                             view->mode == run::Mode::held      ? ", and is held"
                             : view->mode == run::Mode::retreat ? ", and is rolling back"
                                                                : "",
                             at.empty() ? "" : ": " + at);
  out.hint = fmt::format("`davy status {0}` shows it; `davy rollback {0}` makes way, or `--replace {0}`", run.id);
  return out;
}

// The lock itself is taken with the run. This only says so before the preflight finds the other run's traces, such as
// its log socket, and stumbles over them.
Result<> nobody_deploys(Session& session, const plan::Plan& plan, const std::string& environment) {
  auto store = session.store();
  if (!store) return std::unexpected(store.error());
  for (auto& service : plan.services) {
    auto open = session.wait(
        (*store)->runs({.service = service.name, .environment = environment, .open_only = true, .most = 1}));
    if (!open) return std::unexpected(open.error());
    if (!open->empty()) return std::unexpected(in_the_way(session, service.name, open->front()));
  }
  return {};
}

// Somebody who looks round at the same time has the log socket, say: then their run is in the way, a moment later.
Result<> nobody_begins(Session& session, const plan::Plan& plan, const std::string& environment) {
  for (auto until = session.now() + std::chrono::seconds(1);;
       std::this_thread::sleep_for(std::chrono::milliseconds(50)))
    if (auto free = nobody_deploys(session, plan, environment); !free || session.now() >= until) return free;
}

// Of a candidate that nobody has begun yet nothing can be alive: what answers is what was there before.
std::string runs_already(const std::vector<ServesNow>& now) {
  for (auto& one : now)
    for (auto& part : one.parts)
      if (part.alive > 0) return one.service;
  return "";
}

// A first release takes all users at once, which is right only where nobody has any. Users of servers that this state
// never heard of are another state's, or nobody's of Davy's: a person must know.
Result<> nobody_has_users(Session& session, const run::Runbook& book, const std::string& said) {
  if (!book.first_release() || said == "nothing") return {};
  std::vector<view::TimedEvent> none;
  auto now = serves_now(session, book, none, false);
  for (auto& one : now)
    if (!one.error.empty())
      return fail(Code::unavailable,
                  fmt::format("whether anybody has users of {} could not be looked up: {}", one.service, one.error),
                  "a first release would take them all at once; if nobody has any, say --serves nothing");
  if (auto runs = runs_already(now); !runs.empty())
    return fail(Code::refused,
                fmt::format("{} runs already, says its platform, and no run in {} tells which version", runs,
                            session.dir().root),
                "say --serves VERSION: it is stopped, and started again on the way back; or --serves nothing where it "
                "is not to be touched");
  auto theirs = strangers(now);
  if (theirs.empty()) return {};
  return fail(
      Code::refused,
      fmt::format("{}: a first release would take them all at once, without a way back", joined(theirs, "; ")),
      fmt::format("the runs that shipped it are in another state directory than {}: name it with --state DIR or "
                  "$DAVY_STATE; if Davy never shipped it, say --serves nothing",
                  session.dir().root));
}

bool somebody_is_leaving(Session& session, const run::Runbook& book) {
  for (auto& subject : book.subjects) {
    auto last = session.runs({.service = subject.service, .environment = book.environment, .most = 2});
    if (last && std::ranges::any_of(*last, [&](auto& run) { return run.ended && driven(session, run.id); }))
      return true;
  }
  return false;
}

// An engine has its log socket for a moment yet when the end of its run can be read; one that hangs then is killed by
// its keeper within half a minute.
Result<> preflight(Session& session, const run::Runbook& book) {
  for (auto until = session.now() + std::chrono::seconds(30);
       session.now() < until && somebody_is_leaving(session, book);)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return host::preflight(session.dir(), book);
}

Result<> ships_the_same(Session& session, const Loaded& plan, const Wish& wish) {
  auto run = session.run(wish.replaces);
  if (!run) return std::unexpected(run.error());
  bool same = run->environment == wish.environment && std::ranges::all_of(plan.plan.services, [&](auto& s) {
                return std::ranges::find(run->services, s.name) != run->services.end();
              });
  if (same) return {};
  return fail(Code::invalid, fmt::format("run {} ships {} to {}, which is not what this plan ships", run->id,
                                         joined(run->services, ", "), run->environment));
}

// The new run stands behind the open one, which loses its users first, and its candidate; what it did to the data
// stays. With its end, and in the same transaction, the new one has its locks: killed at any moment, one run has them.
std::optional<int> take_its_place(Session& session, const Draft& drafted, const Wish& wish) {
  if (auto stands = stand_behind(session, drafted, wish); !stands) return complain(stands.error());
  auto what = fmt::format("{} {}", drafted.book.subjects.front().service, wish.version);
  auto code =
      put(session, "replace", {.run = wish.replaces, .about = what, .note = wish.why, .as = wish.who, .follow = true});
  auto before = session.run(wish.replaces), own = session.run(drafted.run);
  for (auto* run : {&before, &own})
    if (!*run) return complain(run->error());
  if (own->ended) return complain({Code::refused, own->sentence});
  if (before->ended) return {};
  give_up(session, drafted.run, {Code::refused, fmt::format("run {} was not replaced", wish.replaces)});
  return code == kDone || code == kDetached ? kRefused : code;
}

// From here on the locks are its own.
int go_on_in_its_place(Session& session, const Draft& drafted) {
  if (auto ready = preflight(session, drafted.book); !ready) {
    give_up(session, drafted.run, ready.error());
    complain(ready.error());
    return ready.error().code == Code::invalid ? kWrong : kRefused;
  }
  if (auto driven = see_that_it_is_driven(session, drafted.run); !driven) return complain(driven.error());
  return kDone;
}

int serves_already(Session& session, const std::string& service, const Wish& wish) {
  auto said = fmt::format("{} {} serves in {} already", service, wish.version, wish.environment);
  if (session.common().json)
    print_json({{"run", nullptr}, {"says", said}});
  else
    fmt::print("{}; --again deploys it all the same\n", said);
  return kDone;
}

// The journal says that this version serves. Is anybody of it there? (Whoever deploys it again may want it up again.)
Result<bool> somebody_is_there(Session& session, const run::Runbook& book) {
  auto seen = host::look_around(session.dir(), book, std::chrono::seconds(5), true);
  for (std::size_t i = 0; i < seen.services.size(); ++i) {
    auto& instances = seen.services[i].instances;
    auto& id = book.subjects[i].previous.id;
    auto runs = [&](const ports::Endpoint& e) { return e.release == id && e.alive; };
    if (!instances)
      return fail(instances.error().code,
                  fmt::format("whether {} serves could not be looked up: {}", book.subjects[i].previous_name(),
                              instances.error().message),
                  "--again deploys it whatever is there");
    if (std::ranges::none_of(*instances, runs)) return false;
  }
  return true;
}

int started(Session& session, const std::string& run, bool detach) {
  if (!detach) return follow(session, run);
  if (session.common().json)
    print_json({{"run", run}});
  else
    fmt::print("{}\n", run);
  return kDetached;
}

int deploy(Session& session, const std::string& file, Wish wish, bool detach) {
  if (wish.urgent && wish.why.empty()) return complain({Code::invalid, "--urgent needs --why, for the record"});
  auto loaded = load(file, session);
  if (!loaded) return loaded.error();
  auto environment = environment_of(loaded->plan, wish.environment);
  if (!environment) return complain(environment.error());
  wish.environment = *environment;
  auto free = wish.replaces.empty() ? nobody_deploys(session, loaded->plan, wish.environment)
                                    : ships_the_same(session, *loaded, wish);
  if (!free) return complain(free.error());
  auto drafted = draft(session, *loaded, wish);
  if (!drafted) return complain(drafted.error());
  if (drafted->already_serves && !wish.again) {
    auto there = somebody_is_there(session, drafted->book);
    if (!there) return complain(there.error());
    if (*there) return serves_already(session, loaded->plan.services.front().name, wish);
  }
  if (!wish.replaces.empty())
    if (auto run = session.run(wish.replaces); run && !run->ended) {
      if (auto stays = take_its_place(session, *drafted, wish)) return *stays;
      auto code = go_on_in_its_place(session, *drafted);
      return code == kDone ? started(session, drafted->run, detach) : code;
    }
  if (free = nobody_deploys(session, loaded->plan, wish.environment); !free) return complain(free.error());
  if (free = nobody_has_users(session, drafted->book, wish.serves); !free) return complain(free.error());
  if (auto ready = preflight(session, drafted->book); !ready) {
    if (free = nobody_begins(session, loaded->plan, wish.environment); !free) return complain(free.error());
    complain(ready.error());
    return ready.error().code == Code::invalid ? kWrong : kRefused;
  }
  if (auto begun = begin(session, *drafted, wish); !begun) return complain(begun.error());
  return started(session, drafted->run, detach);
}

}  // namespace

void add_deploy(Program& p) {
  static std::string file = "davy.yaml";
  static Wish wish;
  static bool detach = false;
  auto sub = p.command("deploy", "Carries the plan out for one version, and takes it back if it is bad",
                       "davy deploy 1.4.2 --to production --why \"faster search\"");
  sub->add_option("VERSION", wish.version, "what to ship")->required();
  sub->add_option("-f,--file", file, "the plan")->capture_default_str();
  sub->add_option("-t,--to", wish.environment, "the environment");
  sub->add_option("--why", wish.why, "said to whoever finds the lock held, and kept in the history");
  sub->add_option("--as", wish.who, "on whose behalf, as claimed");
  sub->add_option(
      "--serves", wish.serves,
      "the version that serves now, after a run that somebody left as it stood; `nothing`: no release of Davy's");
  sub->add_flag("--again", wish.again, "also when this version serves already");
  sub->add_flag("--urgent", wish.urgent, "leave out what is optional, bake as long as the conditions need; with --why");
  sub->add_option("--replace", wish.replaces, "an open run: it is taken back first, its migrations stay");
  sub->add_flag("-d,--detach", detach, "start it in the background, print its run, exit 7");
  p.runs(sub, [](Session& session) { return deploy(session, file, wish, detach); });
}

}  // namespace davy::cli
