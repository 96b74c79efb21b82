#include "io/keeper/keeper_questions.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>

#include "io/keeper/instance_store.h"
#include "io/posix/spawn.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

constexpr std::uint64_t kLongestAnswer = 4 * 1024 * 1024;  // travels in one message

struct Started {
  pid_t pid = 0;
  Fd output;
};

// Nobody would look for it when we are killed: it dies with us. (A command that Davy launched must not.)
bool die_with_the_keeper() { return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0; }

Result<Started> start(const Command& spec) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(system_error("asking '" + spec.argv[0] + "'"));
  Fd from(ends[0]), to(ends[1]);
  ::fcntl(from.get(), F_SETFL, O_NONBLOCK);
  Program program{.argv = spec.argv,
                  .env = environment(spec.env, spec.secret_env, kInstanceVariable),
                  .cwd = spec.cwd,
                  .output = to.get(),
                  .before_exec = die_with_the_keeper};
  auto pid = fork_exec(program);
  for (auto& entry : program.env) wipe(entry);
  if (!pid) return std::unexpected(pid.error());
  return Started{*pid, std::move(from)};
}

}  // namespace

void Questions::ask(Asker asker, const Command& spec, Answer answer) {
  if (spec.argv.empty()) return answer(Error{Code::invalid, "a question without a program"});
  auto started = start(spec);
  if (!started) return answer(started.error());
  Begun begun{identify(started->pid, ""), later(boot_time(), spec.timeout), spec.grace};
  auto& entry = running_[asker];
  entry = {std::make_unique<RunningCommand>(
               loop_,
               RunningCommand::Setup{begun.process, std::move(started->output), masker_of(spec.masked),
                                     KeptOutput("", std::min(spec.keep_output, kLongestAnswer)), begun},
               [this, asker, pid = started->pid](const Ended& ended) { done(asker, pid, ended); }),
           std::move(answer), spec.grace};
  entry.command->watch_child();
}

// The group's number cannot be another's yet: its leader has only just been reaped.
void Questions::done(Asker asker, pid_t pid, const Ended& ended) {
  auto entry = running_.extract(asker);
  ::kill(-pid, SIGKILL);
  entry.mapped().answer(Answered{ended, entry.mapped().command->output()});
}

void Questions::give_up(Asker asker) {
  if (auto at = running_.find(asker); at != running_.end()) at->second.command->end(at->second.grace);
}

// end() may destroy what it is called on, and with it the entry.
void Questions::gone(std::uint64_t client) {
  std::vector<Asker> asked;
  for (const auto& [asker, entry] : running_)
    if (asker.client == client) asked.push_back(asker);
  for (auto asker : asked) give_up(asker);
}

}  // namespace davy::io
