#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/drive.h"
#include "host/engine_process.h"
#include "rollout/rollout.h"

namespace davy::cli {
namespace {

constexpr std::string_view kRoot = "rollout/check/";  // the same for all, so it says nothing here

struct Item {
  std::string path, word, says;
};

std::string shown(const std::string& path) { return path.starts_with(kRoot) ? path.substr(kRoot.size()) : path; }

// People are asked in a deployment; alone, a checklist is what machines can say.
run::Runbook machines_only(run::Runbook book, std::vector<Item>& asked) {
  for (auto& step : book.steps)
    if (step.call.port == "person") asked.push_back({shown(step.path), "asked", step.says + ", in a deployment"});
  std::erase_if(book.steps, [](auto& step) { return step.call.port == "person"; });
  return book;
}

void note(std::vector<Item>& items, const run::Event& event, const run::State& state) {
  auto put = [&](run::StepIx step, std::string word, std::string says) {
    auto path = shown(state.step(step).path);
    auto it = std::ranges::find(items, path, &Item::path);
    if (it == items.end()) it = items.insert(items.end(), Item{path, "", ""});
    it->word = std::move(word), it->says = std::move(says);
  };
  static std::map<run::AttemptId, run::StepIx> open;
  if (auto e = std::get_if<run::AttemptStarted>(&event)) open[e->id] = e->step;
  if (auto e = std::get_if<run::AttemptEnded>(&event))
    put(open[e->id], e->outcome == run::Outcome::ok ? "ok" : "failed", e->says);
  if (auto e = std::get_if<run::Skipped>(&event)) put(e->step, "skipped", e->why);
}

void print(const Session& session, const std::vector<Item>& items) {
  if (session.common().json) {
    auto all = spec::Json::array();
    for (auto& item : items) all.push_back({{"item", item.path}, {"result", item.word}, {"says", item.says}});
    return print_json(all);
  }
  std::size_t width = 4;
  for (auto& item : items) width = std::max(width, item.path.size());
  for (auto& item : items) {
    auto colour = !session.look().colour  ? ""
                  : item.word == "ok"     ? "\x1b[32m"
                  : item.word == "failed" ? "\x1b[31m"
                                          : "\x1b[33m";
    fmt::print("{}{:<8}{} {:<{}}  {}\n", colour, item.word, *colour ? "\x1b[0m" : "", printable(item.path), width,
               printable(item.says));
  }
}

int check(Session& session, const std::string& file, Wish wish, const std::vector<std::string>& groups) {
  auto loaded = load(file, session);
  if (!loaded) return loaded.error();
  auto environment = environment_of(loaded->plan, wish.environment);
  if (!environment) return complain(environment.error());
  std::vector<run::Subject> subjects;
  for (auto& service : loaded->plan.services) subjects.push_back({service.name, {wish.version, service.name}, {}});
  auto book = rollout::checklists(loaded->plan, {*environment, wish.version, "check", subjects}, groups);
  if (!book) return complain(book.error());
  std::vector<Item> items;
  auto how = host::check_only(session.dir(), machines_only(*book, items),
                              [&](const run::Event& e, const run::State& s, Time) { note(items, e, s); });
  if (!how) return complain(how.error());
  print(session, items);
  return *how == run::Ending::done ? kDone : kRefused;
}

}  // namespace

void add_check(Program& p) {
  static std::string file = "davy.yaml";
  static Wish wish{.version = "none"};
  static std::vector<std::string> groups;
  auto sub = p.command("check", "Carries out checklists alone, all at the same time", "davy check infrastructure");
  sub->add_option("GROUP", groups, "checklists; all without");
  sub->add_option("-f,--file", file, "the plan")->capture_default_str();
  sub->add_option("-t,--to", wish.environment, "the environment");
  p.runs(sub, [](Session& session) { return check(session, file, wish, groups); });
}

}  // namespace davy::cli
