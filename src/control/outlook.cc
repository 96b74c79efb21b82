#include "control/outlook.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/deploy_window.h"
#include "control/proven_copies.h"
#include "control/serving/whose_users.h"
#include "control/watching/serve.h"
#include "judge/judge.h"
#include "judge/patience.h"
#include "view/words.h"
#include "watch/due.h"

namespace davy::control {
namespace {

// What follows where a look is not well.
std::string_view trouble_in_words(run::Consequence then) {
  switch (then) {
    case run::Consequence::roll_back:
      return "what fails takes the release back within the rollback window, later it pages";
    case run::Consequence::warn:
      return "what fails is a warning";
    case run::Consequence::note:
      return "what fails is noted";
    case run::Consequence::page:
    case run::Consequence::hold:
      return "what fails pages";
  }
  return "";
}

std::vector<std::string> watched(const Runs& runs, const run::Runbook& book) {
  std::vector<std::string> out;
  for (auto& duty : book.watch)
    out.push_back(fmt::format("{}, {}: {} steps; {}", duty.name, watch::in_words(duty.when), duty.steps.size(),
                              trouble_in_words(duty.then)));
  if (out.empty()) return out;
  auto by = served_by(runs.dir());
  out.push_back(by ? fmt::format("kept by davy serve, {}", *by)
                   : "nobody keeps it now: `davy serve` does (`davy serve --install` starts it at boot)");
  return out;
}

// What each bake can see, at the traffic that the plan expects.
std::vector<std::string> sights(const plan::Plan& plan, const run::Runbook& book) {
  std::vector<std::string> out;
  if (plan.judge.expected_rate <= 0) return out;
  Ratio share{1};
  for (auto& step : book.steps) {
    if (auto to = step.call.args.find("share")) share = spec::Leaf<Ratio>::parse(*to).value_or(share);
    if (step.call.port != "bake") continue;
    auto sight = judge::sight(plan.judge.expected_rate, share, step.expected, plan.judge.expected_errors.value,
                              book.alpha, book.worse_by, book.first_release());
    out.push_back(fmt::format("{}: {}", step.path, sight.sentence));
  }
  return out;
}

// A cold release is slow, so its first half minute says nothing of it. A rule that reads nothing else never speaks
// where all is over by then.
std::vector<std::string> silent(const run::Runbook& book) {
  Duration watched{};
  for (auto& step : book.steps)
    if (step.call.port == "bake") watched += step.expected;
  std::vector<std::string> out;
  if (watched == Duration{} || watched >= book.warm_up) return out;
  for (auto& rule : book.rules)
    if (judge::of_a_cold_one(rule.when))
      out.push_back(fmt::format(
          "{}: says nothing for {} from the candidate's first user on (warm-up), and all bakes together last {}",
          rule.when.text, human(book.warm_up), human(watched)));
  return out;
}

// The guard is armed before the first user of the candidate, and let go before the previous release goes. In place
// there is nothing between the two.
bool guarded(const run::Runbook& book) {
  for (auto& step : book.steps)
    if (step.exposes() || step.parts()) return step.exposes();
  return false;
}

bool replaced_by_platform(const run::Runbook& book, const run::Subject& subject) {
  return std::ranges::any_of(book.steps, [&](const run::Step& step) {
    return step.call.of_roller() && step.subject == book.index_of(subject.service);
  });
}

// Who moves users of each service back when no Davy lives: a router always can, since nothing is exposed otherwise, and
// a platform that replaces by itself can replace it once more.
std::vector<std::string> ways_back(const run::Runbook& book) {
  std::vector<std::string> out;
  for (auto& subject : book.subjects) {
    auto* setup = book.setup.service(subject.service);
    bool rolls = replaced_by_platform(book, subject);
    bool somebody = setup && (setup->router || rolls) && !subject.previous.none() && guarded(book);
    auto who = rolls                                          ? "its platform is told so"
               : somebody && setup->router->name == "haproxy" ? "HAProxy"
                                                              : "your router's commands";
    out.push_back(somebody
                      ? fmt::format("{}: {}, by itself within {}", subject.service, who, human(judge::patience(book)))
                      : fmt::format("{}: nobody moves users back if Davy dies", subject.service));
  }
  return out;
}

// In the order in which it would happen: users first.
std::vector<std::string> way_back_in_order(const run::Runbook& book) {
  std::vector<std::string> out;
  std::string last;
  if (book.first_release()) return out;
  for (auto& together : run::way_back_of(book)) {
    std::string line;
    for (auto i : together)
      line += (i == together.front() ? " " : "; ") + view::undo_in_words(book, book.steps[static_cast<std::size_t>(i)]);
    if (line == last) continue;  // the weights of each phase are the same weights
    last = line;
    out.push_back(fmt::format("{}.{}", out.size() + 1, line));
  }
  return out;
}

// What becomes of shares when nobody of the previous release is up (engine/run/alone.h).
std::vector<std::string> outage(const run::Runbook& book) {
  auto shares = [](const run::Step& step) {
    auto share = step.call.args.find("share");
    return step.call.port == "router" && step.call.operation == "shift" && share &&
           spec::Leaf<Ratio>::parse(*share).value_or(Ratio{1}).value < 1;
  };
  if (book.first_release() || std::ranges::none_of(book.steps, shares)) return {};
  return {
      "where nobody of the previous release is up, the healthy candidate gets all users at once, and nobody can move "
      "them back"};
}

// What chance alone does, at a pace that many teams have.
std::vector<std::string> false_alarms(const run::Runbook& book) {
  constexpr double kRunsAYear = 2500;  // ten each working day
  if (book.first_release()) return {};
  return {
      fmt::format("a release that is no worse by more than {} is held or taken back in fewer than {} of runs: at ten "
                  "runs a working day, {:.2g} times a year",
                  human(book.worse_by), human(Ratio{book.alpha}), kRunsAYear * book.alpha)};
}

// Instances of platform `process` belong to nobody: no init knows them.
std::vector<std::string> reboot(const run::Runbook& book) {
  std::vector<std::string> out;
  for (auto& service : book.setup.services)
    if (service.platform == "process")
      out.push_back(
          fmt::format("{}: nothing starts it again (platform process): `davy deploy {} --again` does, or run it "
                      "by systemd",
                      service.name, book.version));
  return out;
}

// What `davy deploy` would say of it before it began.
std::vector<std::string> users_now(Runs& runs, const run::Runbook& book, const Wish& wish) {
  if (!wish.look && !book.first_release()) return {};
  if (!wish.look) return {"it was not looked at: `davy plan VERSION --look` asks platform and router"};
  auto others = others_have_users(runs, book, wish.serves);
  if (others) return *others;
  return {"`davy deploy` would not begin: " + others.error().message, others.error().hint};
}

std::vector<std::string> refused_today(Runs& runs, const plan::Plan& plan, const Wish& wish) {
  auto thawed = not_frozen(runs, plan, wish);
  return thawed ? std::vector<std::string>{} : std::vector{thawed.error().message + "; " + thawed.error().hint};
}

}  // namespace

Outlook outlook(Runs& runs, const plan::Plan& plan, const run::Runbook& book, const Wish& wish) {
  return {.bakes = sights(plan, book),
          .silent = silent(book),
          .watch = watched(runs, book),
          .way_back = ways_back(book),
          .rollback = way_back_in_order(book),
          .outage = outage(book),
          .false_alarms = false_alarms(book),
          .refused = refused_today(runs, plan, wish),
          .reboot = reboot(book),
          .copies = copies_so_far(runs, book),
          .users_now = users_now(runs, book, wish)};
}

}  // namespace davy::control
