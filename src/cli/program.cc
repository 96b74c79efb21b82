#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/commands.h"

namespace davy::cli {

namespace {

// Help begins with what people look for: an example.
class ExampleFirst : public CLI::Formatter {
 public:
  explicit ExampleFirst(std::string example) : example_(std::move(example)) {}
  std::string make_usage(const CLI::App* app, std::string name) const override {
    return "\nExample:\n  " + example_ + "\n" + CLI::Formatter::make_usage(app, std::move(name));
  }

 private:
  std::string example_;
};

// No command shows the help; a misspelt one is told which was meant. The library would only say that one is required.
std::optional<int> wrong_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2) {
    std::fputs(app.help().c_str(), stderr);
    return kWrong;
  }
  std::string_view word = argv[1];
  std::vector<std::string> names;
  for (auto sub : app.get_subcommands({})) names.push_back(sub->get_name());
  if (word.starts_with('-') || std::ranges::find(names, word) != names.end()) return {};
  auto near = nearest(word, std::vector<std::string_view>(names.begin(), names.end()));
  return complain({Code::invalid, fmt::format("there is no command `{}`", word),
                   near.empty() ? "`davy --help` lists them" : fmt::format("did you mean `{}`?", near)});
}

}  // namespace

CLI::App* Program::command(const std::string& name, const std::string& does, const std::string& example) {
  auto sub = app.add_subcommand(name, does);
  sub->formatter(std::make_shared<ExampleFirst>(example));
  return sub;
}

void Program::runs(CLI::App* sub, std::function<int(Session&)> body) {
  sub->add_option("--state", common.state, "state directory ($DAVY_STATE, else $XDG_STATE_HOME/davy)");
  sub->add_flag("--json", common.json, "print JSON");
  sub->add_option("--color", common.colour, "auto, always or never (NO_COLOR is respected)")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  sub->callback([this, body] {
    chosen = [this, body] {
      Session session(common);
      return body(session);
    };
  });
}

int program(int argc, char** argv) {
  Program p;
  p.app.require_subcommand(1);
  p.app.footer(
      "To begin, write a davy.yaml (docs/plan-reference.md), then\n"
      "  davy validate          every mistake, with its place\n"
      "  davy plan 1.4.2        what would be done, step by step\n"
      "  davy deploy 1.4.2      do it, watch it, take it back if it is bad\n\n"
      "Exit codes: 0 done, 1 Davy could not go on, 2 wrong command or plan, 3 rolled back, 4 held, 5 needs people,\n"
      "6 refused (nothing was changed), 7 detached.");
  for (auto add :
       {add_validate, add_plan, add_schema, add_check, add_deploy, add_status, add_answers, add_steering, add_ways_out, add_instances, add_history,
        add_report, add_observe, add_rehearse, add_baseline, add_analyze, add_version, add_engine})
    add(p);
  if (auto wrong = wrong_command(p.app, argc, argv)) return *wrong;
  try {
    p.app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return p.app.exit(e) == 0 ? kDone : kWrong;
  }
  return p.chosen ? p.chosen() : kDone;
}

}  // namespace davy::cli
