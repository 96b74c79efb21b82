#include "control/begin.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/text.h"
#include "control/creating.h"
#include "control/deploy_window.h"
#include "control/driving.h"
#include "control/serving/whose_users.h"
#include "control/watching/serve.h"
#include "host/engine_process.h"
#include "io/posix/lockfile.h"
#include "store/rules.h"

namespace davy::control {
namespace {

// Which version, how far it has come, and what would make way.
Error in_the_way(Runs& runs, const std::string& service, const ports::RunInfo& run) {
  auto out = store::run_in_the_way(service, run).error();
  auto view = runs.view(run.id);
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
Result<> nobody_deploys(Runs& runs, const plan::Plan& plan, const std::string& environment) {
  auto store = runs.store();
  if (!store) return std::unexpected(store.error());
  for (auto& service : plan.services) {
    auto open =
        runs.wait((*store)->runs({.service = service.name, .environment = environment, .open_only = true, .most = 1}));
    if (!open) return std::unexpected(open.error());
    if (!open->empty()) return std::unexpected(in_the_way(runs, service.name, open->front()));
  }
  return {};
}

// Somebody who looks round at the same time has the log socket, say: then their run is in the way, a moment later.
Result<> nobody_begins(Runs& runs, const plan::Plan& plan, const std::string& environment) {
  for (auto until = runs.now() + std::chrono::seconds(1);; std::this_thread::sleep_for(std::chrono::milliseconds(50)))
    if (auto free = nobody_deploys(runs, plan, environment); !free || runs.now() >= until) return free;
}

// That a run is about to begin, for `davy serve`, which then lets go of what has one reader. It is only asked: where
// the lock cannot be had, another who begins has it.
std::optional<io::LockFile> announced(Runs& runs) {
  auto lock = io::LockFile::take(runs.dir().beginning_lock(), "a run begins");
  return lock ? std::optional(*std::move(lock)) : std::nullopt;
}

// Whoever keeps its watch hears of that within a second.
Result<> looked_round(Runs& runs, const run::Runbook& book) {
  auto ready = host::preflight(runs.dir(), book);
  auto taken = [&] { return !ready && ready.error().code == Code::conflict && served_by(runs.dir()); };
  for (auto until = runs.now() + std::chrono::seconds(5); taken() && runs.now() < until;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ready = host::preflight(runs.dir(), book);
  }
  if (auto by = taken() ? served_by(runs.dir()) : std::nullopt)
    ready.error().hint = fmt::format("`davy serve` ({}) may have it, and did not let go: is it stopped?", *by);
  return ready;
}

// An engine has its log socket for a moment yet when the end of its run can be read; one that hangs then is killed by
// its keeper within half a minute.
Result<> preflight(Runs& runs, const run::Runbook& book) {
  std::vector<std::string> services;
  for (auto& subject : book.subjects) services.push_back(subject.service);
  for (auto until = runs.now() + std::chrono::seconds(30);
       runs.now() < until && somebody_is_leaving(runs, services, book.environment);)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  return looked_round(runs, book);
}

Error nothing_to_replace(const ports::RunInfo& run) {
  return {Code::refused,
          fmt::format("run {} has ended: {}: there is nothing to replace", run.id, run.ending.value_or("")),
          "`davy status` shows who serves now; without --replace it is deployed beside that"};
}

Result<> ships_the_same(Runs& runs, const PlanFile& plan, const Wish& wish) {
  auto run = runs.find(wish.replaces);
  if (!run) return std::unexpected(run.error());
  if (run->ended) return std::unexpected(nothing_to_replace(*run));
  bool same = run->environment == wish.environment && std::ranges::all_of(plan.plan.services, [&](auto& s) {
                return std::ranges::find(run->services, s.name) != run->services.end();
              });
  if (same) return {};
  return fail(Code::invalid, fmt::format("run {} ships {} to {}, which is not what this plan ships", run->id,
                                         joined(run->services, ", "), run->environment));
}

Result<Begun> stand_behind(Runs& runs, Draft drafted, const Wish& wish) {
  auto run = runs.find(wish.replaces);
  if (!run) return std::unexpected(run.error());
  if (run->ended) return std::unexpected(nothing_to_replace(*run));
  auto begins = create_behind(runs, drafted, wish);
  if (!begins) return std::unexpected(begins.error());
  return Begun{.how = Begun::How::stands_behind,
               .run = drafted.run,
               .behind = Behind{std::move(drafted), wish.replaces, std::move(*begins)}};
}

Begun not_ready(Error why) { return {.how = Begun::How::not_ready, .why = std::move(why)}; }

// Beside nothing: where no run is in the way.
Result<Begun> begin_alone(Runs& runs, const PlanFile& plan, const Draft& drafted, const Wish& wish,
                          const std::function<void(const std::string&)>& note) {
  auto free = nobody_deploys(runs, plan.plan, wish.environment);
  if (!free) return std::unexpected(free.error());
  auto others = others_have_users(runs, drafted.book, wish.serves);
  if (!others) return std::unexpected(others.error());
  for (auto& line : *others) note(line);
  auto announcement = announced(runs);
  if (auto ready = preflight(runs, drafted.book); !ready) {
    if (free = nobody_begins(runs, plan.plan, wish.environment); !free) return std::unexpected(free.error());
    return not_ready(ready.error());
  }
  if (auto created = create(runs, drafted, wish); !created) return std::unexpected(created.error());
  return Begun{.run = drafted.run};
}

}  // namespace

Result<> makes_sense(const Wish& wish) {
  if (wish.urgent && wish.why.empty()) return fail(Code::invalid, "--urgent needs --why, for the record");
  if (wish.now && wish.why.empty()) return fail(Code::invalid, "--now needs --why, for the record");
  return {};
}

Result<Begun> begin(Runs& runs, const PlanFile& plan, const Wish& wish,
                    const std::function<void(const std::string&)>& note) {
  if (auto sense = makes_sense(wish); !sense) return std::unexpected(sense.error());
  if (auto thawed = not_frozen(runs, plan.plan, wish); !thawed) return std::unexpected(thawed.error());
  auto free =
      wish.replaces.empty() ? nobody_deploys(runs, plan.plan, wish.environment) : ships_the_same(runs, plan, wish);
  if (!free) return std::unexpected(free.error());
  auto drafted = draft(runs, plan, wish);
  if (!drafted) return std::unexpected(drafted.error());
  if (drafted->already_serves && !wish.again) {
    auto serves = serves_everybody(runs, drafted->book);
    if (!serves) return std::unexpected(serves.error());
    if (*serves)
      return Begun{.how = Begun::How::serves_already,
                   .says = fmt::format("{} {} serves in {} already", plan.plan.services.front().name, wish.version,
                                       wish.environment)};
  }
  if (!wish.replaces.empty()) return stand_behind(runs, std::move(*drafted), wish);
  return begin_alone(runs, plan, *drafted, wish, note);
}

// From here on the locks are its own, unless the other one goes on.
Result<Begun> take_its_place(Runs& runs, Behind behind) {
  auto& [drafted, replaces, begins] = behind;
  auto before = runs.find(replaces), own = runs.find(drafted.run);
  for (auto* run : {&before, &own})
    if (!*run) return std::unexpected(run->error());
  if (own->ended) return fail(Code::refused, own->sentence);
  if (!before->ended) {
    give_up(runs, drafted.run, {Code::refused, fmt::format("run {} was not replaced", replaces)});
    return Begun{.how = Begun::How::not_replaced, .run = drafted.run};
  }
  if (auto ready = preflight(runs, drafted.book); !ready) {
    give_up(runs, drafted.run, ready.error());
    return not_ready(ready.error());
  }
  if (auto driven = see_that_it_is_driven(runs, drafted.run); !driven) return std::unexpected(driven.error());
  return Begun{.run = drafted.run};
}

}  // namespace davy::control
