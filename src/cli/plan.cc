#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/drive.h"
#include "judge/judge.h"
#include "judge/patience.h"
#include "view/ink.h"
#include "view/words.h"

namespace davy::cli {
namespace {

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

// Who moves users of each service back when no Davy lives: a router always can, since nothing is exposed otherwise.
std::vector<std::string> ways_back(const run::Runbook& book) {
  std::vector<std::string> out;
  for (auto& subject : book.subjects) {
    auto* setup = book.setup.service(subject.service);
    bool somebody = setup && setup->router && !subject.previous.none() && guarded(book);
    auto who = somebody && setup->router->name == "haproxy" ? "HAProxy" : "your router's commands";
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

void print(const std::string& title, const std::vector<std::string>& lines, view::Look look) {
  if (lines.empty()) return;
  fmt::print("\n");
  for (auto& row : view::wrapped(title, look.width, 20, look.unicode)) fmt::print("{}\n", row);
  look.width -= 2;
  for (auto& line : lines)
    for (auto& row : view::wrapped(line, look.width, 20, look.unicode)) fmt::print("  {}\n", row);
}

}  // namespace

void add_plan(Program& p) {
  static std::string file = "davy.yaml";
  static Wish wish;
  auto sub = p.command("plan", "Prints what would be done, step by step, and how each step is undone",
                       "davy plan 1.4.2 --to production");
  sub->add_option("VERSION", wish.version, "what to ship")->required();
  sub->add_option("-f,--file", file, "the plan")->capture_default_str();
  sub->add_option("-t,--to", wish.environment, "the environment");
  sub->add_flag("--urgent", wish.urgent, "as `davy deploy --urgent` would");
  sub->add_option("--serves", wish.serves, "the version that serves now, after a run that somebody left as it stood");
  p.runs(sub, [](Session& session) -> int {
    auto loaded = load(file, session);
    if (!loaded) return loaded.error();
    auto environment = environment_of(loaded->plan, wish.environment);
    if (!environment) return complain(environment.error());
    wish.environment = *environment;
    auto drafted = draft(session, *loaded, wish);
    if (!drafted) return complain(drafted.error());
    if (session.common().json) {
      auto json = view::runbook_json(drafted->book, drafted->hash);
      json["bakes"] = sights(loaded->plan, drafted->book);
      json["way_back"] = ways_back(drafted->book);
      json["rollback"] = way_back_in_order(drafted->book);
      json["outage"] = outage(drafted->book);
      json["false_alarms"] = false_alarms(drafted->book);
      json["silent"] = silent(drafted->book);
      json["serves_already"] = drafted->already_serves;
      print_json(json);
      return kDone;
    }
    auto look = session.look();
    if (!session.live()) look.width = std::max(look.width, 160);
    fmt::print("{}", view::runbook_tree(drafted->book, look));
    if (!session.live()) look.width = 1 << 16;  // a pipe has no width of its own
    print("what the bakes can see", sights(loaded->plan, drafted->book), look);
    print("what says nothing", silent(drafted->book), look);
    print("way back, when the candidate has all users", way_back_in_order(drafted->book), look);
    print("if Davy dies", ways_back(drafted->book), look);
    print("in an outage", outage(drafted->book), look);
    print("what chance alone may do", false_alarms(drafted->book), look);
    if (drafted->already_serves)
      print("this version serves already", {"`davy deploy` does nothing, unless nobody of it is there; --again does"},
            look);
    return kDone;
  });
}

}  // namespace davy::cli
