#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/desk.h"
#include "cli/drive.h"
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

// The open run loses its users first, and its candidate; what it did to the data stays. Then its lock is free.
std::optional<int> make_way(Session& session, const Loaded& plan, const Wish& wish) {
  auto run = session.run(wish.replaces);
  if (!run) return complain(run.error());
  bool same = run->environment == wish.environment && std::ranges::all_of(plan.plan.services, [&](auto& s) {
                return std::ranges::find(run->services, s.name) != run->services.end();
              });
  if (!same)
    return complain({Code::invalid, fmt::format("run {} ships {} to {}, which is not what this plan ships", run->id,
                                                joined(run->services, ", "), run->environment)});
  if (!run->ended) {
    auto what = fmt::format("{} {}", plan.plan.services.front().name, wish.version);
    auto code =
        put(session, "replace", {.run = run->id, .about = what, .note = wish.why, .as = wish.who, .follow = true});
    if (code != kRolledBack && code != kRefused) return code;
    run = session.run(wish.replaces);
  }
  if (run && run->ended) return {};
  return complain({Code::refused, fmt::format("run {} is not replaced", wish.replaces),
                   fmt::format("`davy status {}` shows where it stands", wish.replaces)});
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
  auto drafted = draft(session, *loaded, wish);
  if (!drafted) return complain(drafted.error());
  if (drafted->already_serves && !wish.again) {
    auto there = somebody_is_there(session, drafted->book);
    if (!there) return complain(there.error());
    if (*there) return serves_already(session, loaded->plan.services.front().name, wish);
  }
  if (!wish.replaces.empty()) {
    if (auto stays = make_way(session, *loaded, wish)) return *stays;
    if (drafted = draft(session, *loaded, wish); !drafted) return complain(drafted.error());
  }
  if (auto free = nobody_deploys(session, loaded->plan, wish.environment); !free) return complain(free.error());
  if (auto ready = host::preflight(session.dir(), drafted->book); !ready) {
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
  sub->add_option("--serves", wish.serves, "the version that serves now, after a run that somebody left as it stood");
  sub->add_flag("--again", wish.again, "also when this version serves already");
  sub->add_flag("--urgent", wish.urgent, "leave out what is optional, bake as long as the conditions need; with --why");
  sub->add_option("--replace", wish.replaces, "an open run: it is taken back first, its migrations stay");
  sub->add_flag("-d,--detach", detach, "start it in the background, print its run, exit 7");
  p.runs(sub, [](Session& session) { return deploy(session, file, wish, detach); });
}

}  // namespace davy::cli
