#include "io/keeper/asked_child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>

#include "io/keeper/instance_store.h"
#include "io/net/ask_blocking.h"
#include "io/posix/spawn.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kLongestAnswer = 4 * 1024 * 1024;  // travels in one message
constexpr Duration kGrace = 500ms;

struct Pipe {
  Fd from, to;
};

Result<Pipe> pipe_for_answer(const std::string& asking) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(system_error("asking " + asking));
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

bool die_with_the_keeper() { return ::prctl(PR_SET_PDEATHSIG, SIGKILL) == 0; }

AskedChild watched(PollLoop& loop, pid_t pid, Fd output, const Command& how, RunningCommand::Rest rest,
                   std::function<void(Ended)> done) {
  Begun begun{identify(pid, ""), later(boot_time(), how.timeout), how.grace};
  auto child = std::make_unique<RunningCommand>(
      loop,
      RunningCommand::Setup{
          {begun.process}, std::move(output), masker_of(how.masked), KeptOutput("", how.keep_output), begun, rest},
      std::move(done));
  child->watch_child();
  return child;
}

// Ended while a name is looked up or nobody accepts, nothing was said.
int answer_of(const SocketQuestion& question) {
  ::signal(SIGTERM, [](int) { ::_exit(kNotReached); });
  auto answer = ask_blocking(question.address, question.text, question.timeout, [] { ::signal(SIGTERM, SIG_DFL); });
  if (answer) return write_all(1, *answer) ? 0 : 1;
  write_all(1, answer.error().error.message);
  return answer.error().sent ? 1 : kNotReached;
}

}  // namespace

Result<AskedChild> ask_program(PollLoop& loop, const Command& spec, RunningCommand::Rest rest,
                               std::function<void(Ended)> done) {
  if (spec.argv.empty()) return fail(Code::invalid, "a question without a program");
  auto pipe = pipe_for_answer("'" + spec.argv[0] + "'");
  if (!pipe) return std::unexpected(pipe.error());
  Program program{.argv = spec.argv,
                  .env = environment(spec.env, spec.secret_env, names_of(spec.masked)),
                  .cwd = spec.cwd,
                  .output = pipe->to.get(),
                  .before_exec = die_with_the_keeper};
  auto pid = fork_exec(program);
  for (auto& entry : program.env) wipe(entry);
  if (!pid) return std::unexpected(pid.error());
  auto how = Command{.masked = spec.masked, .timeout = spec.timeout, .grace = spec.grace};
  how.keep_output = std::min(spec.keep_output, kLongestAnswer);
  auto child = watched(loop, *pid, std::move(pipe->from), how, rest, std::move(done));
  for (auto& [name, value] : how.masked) wipe(value);
  return child;
}

Result<AskedChild> ask_socket(PollLoop& loop, const SocketQuestion& question, std::function<void(Ended)> done) {
  auto pipe = pipe_for_answer(question.address);
  if (!pipe) return std::unexpected(pipe.error());
  auto pid = fork_into(pipe->to.get(), [&] { return die_with_the_keeper() ? answer_of(question) : 1; });
  if (!pid) return std::unexpected(pid.error());
  auto how = Command{.masked = question.masked, .timeout = question.timeout + kGrace, .grace = kGrace};
  how.keep_output = 2 * kLongestSaying;
  auto child = watched(loop, *pid, std::move(pipe->from), how, RunningCommand::Rest::is_ended, std::move(done));
  for (auto& [name, value] : how.masked) wipe(value);
  return child;
}

}  // namespace davy::io
