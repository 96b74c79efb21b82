#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

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
  // Two words for one option: the run stands before the item (cli/desk.h). The library would say "ITEM(1x)".
  std::string make_option_usage(const CLI::Option* option) const override {
    bool run_and_item = option->get_positional() && option->get_expected_max() == 2;
    return run_and_item ? "[RUN] " + option->get_name(true) : CLI::Formatter::make_option_usage(option);
  }

 private:
  std::string example_;
};

std::vector<std::string> names_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (auto sub : app.get_subcommands({})) out.push_back(sub->get_name());
  return out;
}

std::string nearest_of(std::string_view word, const std::vector<std::string>& names) {
  return nearest(word, std::vector<std::string_view>(names.begin(), names.end()));
}

// No command shows the help; a misspelt one is told which was meant. The library would only say that one is required.
std::optional<int> wrong_command(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.empty()) {
    std::fputs(app.help().c_str(), stderr);
    return kWrong;
  }
  auto names = names_of(app);
  if (words[0].starts_with('-') || std::ranges::find(names, words[0]) != names.end()) return {};
  auto near = nearest_of(words[0], names);
  return complain({Code::invalid, fmt::format("there is no command `{}`", words[0]),
                   near.empty() ? "`davy --help` lists them" : fmt::format("did you mean `{}`?", near)});
}

// An option before the command, which is not one of those that may stand there.
std::optional<int> wrong_place(const CLI::App& app, const std::vector<std::string>& words) {
  auto name = words[0].substr(0, words[0].find('='));
  if (!name.starts_with('-') || name == "--help" || name == "-h") return {};
  auto names = names_of(app);
  auto is_command = [&](auto& word) { return std::ranges::find(names, word) != names.end(); };
  auto command = std::ranges::find_if(words, is_command);
  auto asked = command == words.end() ? "" : " " + *command;
  return complain({Code::invalid, fmt::format("`{}` before the command", name),
                   fmt::format("options stand behind it; `davy{} --help` lists them", asked)});
}

// What every command takes may stand before it, too.
void behind_the_command(std::vector<std::string>& words) {
  for (std::size_t n = 0; !words.empty() && n < 3; ++n) {
    bool alone = words[0] == "--json" || words[0].starts_with("--color=") || words[0].starts_with("--state=");
    bool with_value = words[0] == "--color" || words[0] == "--state";
    if (words.size() < (with_value ? 3u : 2u) || (!alone && !with_value)) return;
    std::ranges::rotate(words, words.begin() + (with_value ? 2 : 1));
  }
}

// As many a program has it: `davy help`, `davy help deploy`, `davy --version`.
std::vector<std::string> as_meant(std::vector<std::string> words) {
  behind_the_command(words);
  if (words.empty()) return words;
  if (words[0] == "--version" || words[0] == "-V") words[0] = "version";
  if (words[0] != "help") return words;
  words.erase(words.begin());
  std::erase_if(words, [](auto& word) { return word.starts_with("-"); });
  if (words.size() > 1) words.resize(1);
  words.push_back("--help");
  return words;
}

// Of this command, and what the whole program takes.
std::vector<std::string> options_of(const CLI::App& sub) {
  std::vector<std::string> out;
  for (auto option : sub.get_options())
    for (auto& name : option->get_lnames()) out.push_back("--" + name);
  return out;
}

// `--replace $RUN --urgent` with an empty variable: the library would take the next option for the value.
std::optional<int> missing_value(const CLI::App& app, const std::vector<std::string>& words) {
  auto commands = app.get_subcommands({});
  auto chosen = std::ranges::find_if(commands, [&](auto sub) { return sub->get_name() == words[0]; });
  if (chosen == commands.end()) return {};
  auto option = [&](const std::string& word) {
    return word.starts_with("-") ? (*chosen)->get_option_no_throw(word) : nullptr;
  };
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    auto wants = option(words[i]);
    if (!wants || wants->get_items_expected_min() == 0 || !option(words[i + 1])) continue;
    return complain({Code::invalid, fmt::format("`{}` has no value: `{}` stands there", words[i], words[i + 1]),
                     "is a variable empty?"});
  }
  return {};
}

// The library names what it did not expect from the end backwards. The first option that the command does not have is
// what somebody meant otherwise.
int wrong_words(const CLI::App& app, const std::vector<std::string>& words, const CLI::ParseError& e) {
  auto commands = app.get_subcommands({});
  auto chosen = std::ranges::find_if(commands, [&](auto sub) { return sub->get_name() == words[0]; });
  Error out{Code::invalid, e.what(), fmt::format("`davy {} --help` lists its options", words[0])};
  auto options = options_of(**chosen);
  for (auto& word : words) {
    auto name = word.substr(0, word.find('='));
    if (!name.starts_with("--") || std::ranges::find(options, name) != options.end()) continue;
    auto near = nearest_of(name, options);
    out.message = fmt::format("`davy {}` has no option `{}`", words[0], name);
    if (!near.empty()) out.hint = fmt::format("did you mean `{}`?", near);
    break;
  }
  return complain(out);
}

// What was printed must have been written: a full disk or a reader that is gone is no success.
int flushed(int code) {
  auto why = unwritten();
  if (why.empty()) return code;
  std::fprintf(stderr, "davy: writing the output: %s\n", why.c_str());
  return kFailed;
}

int carried_out(const std::function<int()>& chosen) {
  try {
    return flushed(chosen ? chosen() : kDone);
  } catch (const std::system_error& e) {  // fmt::print cannot write
    if (unwritten().empty()) std::fprintf(stderr, "davy: %s\n", e.what());
    return flushed(kFailed);
  }
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
  for (auto add :
       {add_validate, add_plan,    add_schema,    add_check,    add_deploy,  add_status,  add_answers, add_steering,
        add_ways_out, add_freeze,  add_instances, add_logs,     add_exec,    add_serve,   add_watch,   add_history,
        add_report,   add_observe, add_rehearse,  add_baseline, add_analyze, add_version, add_engine,  add_work})
    add(p);
  p.app.footer(  // of the program alone: commands would take it over from here on
      "To begin, write a davy.yaml (docs/plan-reference.md), then\n"
      "  davy validate          every mistake, with its place\n"
      "  davy plan 1.4.2        what would be done, step by step\n"
      "  davy deploy 1.4.2      do it, watch it, take it back if it is bad\n\n" +
      std::string(kExitCodes));
  auto words = as_meant({argv + 1, argv + argc});
  complain_in_json(std::ranges::find(words, "--json") != words.end());
  if (auto wrong = wrong_command(p.app, words)) return flushed(*wrong);
  if (auto wrong = wrong_place(p.app, words)) return flushed(*wrong);
  if (auto wrong = missing_value(p.app, words)) return flushed(*wrong);
  try {
    p.app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return flushed(p.app.exit(e));  // the help
    return flushed(wrong_words(p.app, words, e));
  }
  return carried_out(p.chosen);
}

}  // namespace davy::cli
