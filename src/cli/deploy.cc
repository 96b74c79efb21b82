#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/drive.h"
#include "host/engine_process.h"
#include "store/rules.h"

namespace davy::cli {
namespace {

// The lock itself is taken with the run. This only says so before the preflight finds the other run's traces, such as
// its log socket, and stumbles over them.
Result<> nobody_deploys(Session& session, const plan::Plan& plan, const std::string& environment) {
  auto store = session.store();
  if (!store) return std::unexpected(store.error());
  for (auto& service : plan.services) {
    auto open = session.wait(
        (*store)->runs({.service = service.name, .environment = environment, .open_only = true, .most = 1}));
    if (!open) return std::unexpected(open.error());
    if (!open->empty()) return store::run_in_the_way(service.name, open->front());
  }
  return {};
}

int deploy(Session& session, const std::string& file, Wish wish, bool detach) {
  auto loaded = load(file, session);
  if (!loaded) return loaded.error();
  auto environment = environment_of(loaded->plan, wish.environment);
  if (!environment) return complain(environment.error());
  wish.environment = *environment;
  auto drafted = draft(session, *loaded, wish);
  if (!drafted) return complain(drafted.error());
  if (drafted->already_serves && !wish.again) {
    fmt::print("{} {} serves in {} already; --again deploys it all the same\n", loaded->plan.services.front().name,
               wish.version, *environment);
    return kDone;
  }
  if (auto free = nobody_deploys(session, loaded->plan, wish.environment); !free) return complain(free.error());
  if (auto ready = host::preflight(session.dir(), drafted->book); !ready) {
    complain(ready.error());
    return ready.error().code == Code::invalid ? kWrong : kRefused;
  }
  if (auto begun = begin(session, *drafted, wish); !begun) return complain(begun.error());
  if (!detach) return follow(session, drafted->run);
  if (session.common().json)
    print_json({{"run", drafted->run}});
  else
    fmt::print("{}\n", drafted->run);
  return kDetached;
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
  sub->add_flag("-d,--detach", detach, "start it in the background, print its run, exit 7");
  p.runs(sub, [](Session& session) { return deploy(session, file, wish, detach); });
}

}  // namespace davy::cli
