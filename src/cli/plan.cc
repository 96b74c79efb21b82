#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "control/outlook.h"
#include "view/ink.h"

namespace davy::cli {
namespace {

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
  static control::Wish wish{.look = false};
  auto sub = p.command("plan", "Prints what would be done, step by step, and how each step is undone",
                       "davy plan 1.4.2 --to production");
  sub->add_option("VERSION", wish.version, "what to ship")->required();
  sub->add_option("-f,--file", file, "the plan")->capture_default_str();
  sub->add_option("-t,--to", wish.environment, "the environment");
  sub->add_flag("--urgent", wish.urgent, "as `davy deploy --urgent` would");
  sub->add_flag("--now", wish.now, "as `davy deploy --now` would");
  sub->add_flag("--look", wish.look, "ask platform and router who has users now; else no connection is opened");
  sub->add_option("--serves", wish.serves, "the version that serves now, after a run that somebody left as it stood");
  p.runs(sub, [](Session& session) -> int {
    auto loaded = load(file, session);
    if (!loaded) return loaded.error();
    auto environment = control::environment_of(loaded->plan, wish.environment);
    if (!environment) return complain(environment.error());
    wish.environment = *environment;
    auto drafted = control::draft(session.runs, *loaded, wish);
    if (!drafted) return complain(drafted.error());
    auto said = control::outlook(session.runs, loaded->plan, drafted->book, wish);
    if (session.common().json) {
      auto json = view::runbook_json(drafted->book, drafted->hash);
      json["bakes"] = said.bakes;
      json["way_back"] = said.way_back;
      json["watch"] = said.watch;
      json["rollback"] = said.rollback;
      json["outage"] = said.outage;
      json["false_alarms"] = said.false_alarms;
      json["silent"] = said.silent;
      json["refused"] = said.refused;
      json["reboot"] = said.reboot;
      json["copies"] = said.copies;
      json["users_now"] = said.users_now;
      json["serves_already"] = drafted->already_serves;
      print_json(json);
      return kDone;
    }
    auto look = session.look();
    if (!session.live()) look.width = std::max(look.width, 160);
    fmt::print("{}", view::runbook_tree(drafted->book, look));
    if (!session.live()) look.width = 1 << 16;  // a pipe has no width of its own
    print("what the bakes can see", said.bakes, look);
    print("what says nothing", said.silent, look);
    print("way back, when the candidate has all users", said.rollback, look);
    print("once it is done", said.watch, look);
    print("copies of data", said.copies, look);
    print("if Davy dies", said.way_back, look);
    print("after a reboot of the machine", said.reboot, look);
    print("in an outage", said.outage, look);
    print("what chance alone may do", said.false_alarms, look);
    print("refused today", said.refused, look);
    print("who has users now", said.users_now, look);
    if (drafted->already_serves)
      print("this version serves already", {"`davy deploy` does nothing, unless nobody of it is there; --again does"},
            look);
    return kDone;
  });
}

}  // namespace davy::cli
