#include <fmt/format.h>

#include "cli/commands.h"

namespace davy::cli {

void add_validate(Program& p) {
  static std::string file = "davy.yaml";
  auto sub = p.command("validate", "Finds every mistake in a plan", "davy validate --file davy.yaml");
  auto named = sub->add_option("-f,--file", file, "the plan")->capture_default_str();
  sub->add_option("FILE", file, "the same, without --file; `-`: standard input")->excludes(named);
  p.runs(sub, [](Session& session) -> int {
    auto loaded = load(file, session);
    if (!loaded) return loaded.error();
    auto& plan = loaded->plan;
    if (session.common().json)
      print_json({{"valid", true}, {"services", plan.services.size()}, {"environments", plan.environments.size()}});
    else
      fmt::print("{} is valid: {} service{}, {} environment{}, {} step{} in the rollout\n",
                 file == "-" ? "standard input" : file, plan.services.size(), plan.services.size() == 1 ? "" : "s",
                 plan.environments.size(), plan.environments.size() == 1 ? "" : "s", plan.rollout.size(),
                 plan.rollout.size() == 1 ? "" : "s");
    return kDone;
  });
}

}  // namespace davy::cli
