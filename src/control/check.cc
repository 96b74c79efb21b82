#include "control/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "control/serving/serving.h"
#include "host/engine_process.h"
#include "rollout/rollout.h"
#include "rollout/turning.h"

namespace davy::control {
namespace {

using view::CheckReport;
using view::CheckState;

// Looked at is what serves, as the record has it, where it has it.
std::vector<run::Subject> subjects_of(Runs& runs, const plan::Plan& plan, const std::string& environment) {
  std::vector<run::Subject> out;
  for (auto& service : plan.services) {
    auto& one = out.emplace_back(run::Subject{service.name, {"none", service.name}, {}});
    auto serves = what_serves(runs, service.name, environment, "");
    if (serves && *serves) one.candidate = (*serves)->release;
  }
  return out;
}

// People are asked in a deployment; alone, a checklist is what machines can say. What fails ends no other look.
run::Runbook machines_only(run::Runbook book) {
  std::erase_if(book.steps, [](auto& step) { return step.call.of_person() || step.call.port == "elsewhere"; });
  for (auto& step : book.steps) step.optional = true;
  return book;
}

CheckReport empty_report(const run::Runbook& book, const std::string& plan) {
  std::set<run::StepIx> optional;
  for (run::StepIx i = 0; auto& step : book.steps) {
    if (step.optional) optional.insert(i);
    ++i;
  }
  return view::report_of(book, plan, optional);
}

// Of one of these services there; empty: none is open.
Result<std::string> open_run(Runs& runs, const run::Runbook& book) {
  for (auto& subject : book.subjects) {
    auto open = runs.list({.service = subject.service, .environment = book.environment, .open_only = true});
    if (!open) return std::unexpected(open.error());
    if (!open->empty()) return open->front().id;
  }
  return "";
}

// The items as they are, and each expectation turned round, in one look: an item is well where all of its turned ones
// were red (or warned, of what warns).
CheckReport judged(const CheckReport& seen, const rollout::Turning& turning, const CheckReport& as_it_is) {
  auto out = as_it_is;
  auto by_path = [&](const std::string& path) {
    return std::ranges::find_if(seen.items, [&](auto& i) { return i.path() == view::check_path(path); });
  };
  std::erase_if(out.items, [](auto& item) { return item.state != CheckState::elsewhere; });
  out.open.clear();
  for (auto& one : turning.turned) {
    auto item = *by_path(one.item), round = *by_path(one.path);
    auto wanted = one.degraded ? CheckState::degraded : CheckState::failed;
    auto green = item.state == CheckState::ok;
    auto says = fmt::format("`{}` turned round, `{}`, is {}: {}", one.condition, one.round, view::word_of(round.state),
                            round.says);
    if (!green) says = fmt::format("not proven, for it is {} as it is: {}", view::word_of(item.state), item.says);
    bool red =
        round.state == wanted || (wanted == CheckState::failed && round.state == CheckState::skipped);  // optional
    item.state = !green ? CheckState::blind : red ? CheckState::ok : CheckState::failed;
    item.says = says;
    if (item.state == CheckState::failed) item.to_do = "this expectation cannot fail: what does it look at?";
    out.items.push_back(std::move(item));
  }
  for (auto& path : turning.bare) {
    auto item = *by_path(path);
    item.state = CheckState::skipped, item.says = "no `expect` that could be turned round: only its own idea of well";
    out.items.push_back(std::move(item));
  }
  return out;
}

}  // namespace

Result<run::Runbook> checklists(Runs& runs, const PlanFile& plan, const std::string& environment,
                                const std::vector<std::string>& groups) {
  auto subjects = subjects_of(runs, plan.plan, environment);
  auto book = rollout::checklists(plan.plan, {environment, "none", "check", subjects}, groups);
  if (book) book->setup.directory = directory_of(plan);
  return book;
}

Result<CheckReport> check(Runs& runs, const run::Runbook& book, const std::string& plan, const Seen& seen) {
  auto report = empty_report(book, plan);
  auto open = open_run(runs, book);
  if (!open) return std::unexpected(open.error());
  auto told = [&](const run::Event& e, const run::State& s, Time at) {
    view::fold(report, e, s, at);
    if (seen) seen(report);
  };
  auto how = host::check_only(runs.dir(), machines_only(book), *open, told);
  if (!how) return std::unexpected(how.error());
  return report;
}

Result<CheckReport> check_turned_round(Runs& runs, const run::Runbook& book, const std::string& plan,
                                       const Seen& seen) {
  auto turning = rollout::turning_of(book);
  auto report = check(runs, turning.book, plan, seen);
  if (!report) return report;
  return judged(*report, turning, *report);
}

}  // namespace davy::control
