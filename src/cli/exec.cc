// exec: a program with the variables, the secrets and the folder of a service, as the record has it.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "cli/commands.h"
#include "control/execution.h"

namespace davy::cli {
namespace {

struct Asked {
  std::string service, environment, release;
  std::vector<std::string> argv;
};

std::vector<char*> raw(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (auto& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

// Becomes the program: its terminal, its signals and its exit code are this command's.
int become(control::Execution& as, std::vector<std::string> words) {
  if (!as.folder.empty() && ::chdir(as.folder.c_str()) != 0)
    return complain({Code::invalid, fmt::format("cannot enter {}: {}", printable(as.folder), std::strerror(errno))});
  auto argv = raw(words), env = raw(as.env);
  auto before = environ;
  environ = env.data();  // execvp looks for the program in the PATH that it will have
  ::execvp(argv[0], argv.data());
  auto why = errno;
  environ = before;
  return complain({Code::invalid, fmt::format("cannot run `{}`: {}", printable(words[0]), std::strerror(why))});
}

int exec(Session& session, const Asked& asked) {
  control::WhoseExecution whose{asked.service, asked.environment};
  if (asked.release == "candidate") whose.side = run::Side::candidate;
  if (asked.release == "previous") whose.side = run::Side::previous;
  auto as = control::execution_of(session.runs, whose);
  if (!as) return complain(as.error());
  if (::isatty(STDERR_FILENO)) fmt::print(stderr, "as {}, by the record\n", printable(as->whose));
  auto words = asked.argv;
  if (words.front() == "--") words.erase(words.begin());
  if (words.empty()) return complain({Code::invalid, "what is to be run?", "`davy exec SERVICE -- ARGV`"});
  return become(*as, std::move(words));
}

}  // namespace

void add_exec(Program& p) {
  static Asked asked;
  auto sub = p.command("exec", "Runs a program as a service's own: its variables, its secrets, its folder",
                       "davy exec shop -- ./manage.py shell");
  sub->add_option("SERVICE", asked.service, "as the plan names it")->required();
  sub->add_option("ARGV", asked.argv, "the program and its arguments, behind --")->required();
  sub->add_option("-t,--to", asked.environment, "where; the newest run's without it");
  sub->add_option("--release", asked.release, "candidate or previous of the newest run; who serves without it")
      ->check(CLI::IsMember({"candidate", "previous"}));
  sub->positionals_at_end();
  p.runs(sub, [](Session& session) { return exec(session, asked); });
}

}  // namespace davy::cli
