#include "io/keeper/keeper_engine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "io/posix/spawn.h"

namespace davy::io {

KeptEngine::KeptEngine(PollLoop& loop, const KeeperOptions& options, std::string boot, Say say,
                       std::function<void()> given_up)
    : loop_(loop), options_(options), boot_(std::move(boot)), say_(std::move(say)), given_up_(std::move(given_up)) {}

bool KeptEngine::over() const { return state_ == State::none || state_ == State::over; }

void KeptEngine::begin() {
  if (!configured()) return;
  if (options_.engine_pid != 0)
    watch_stranger();
  else
    start();
}

void KeptEngine::never_again() {
  may_restart_ = false;
  if (state_ != State::pausing) return;
  loop_.cancel(pause_);
  state_ = State::over;
}

void KeptEngine::end_mute() {
  if (state_ != State::running) return;
  say_(fmt::format("the engine (pid {}) says nothing: it is killed", pid_));
  stranger_ ? ::syscall(SYS_pidfd_send_signal, stranger_.get(), SIGKILL, nullptr, 0) : ::kill(pid_, SIGKILL);
}

void KeptEngine::start() {
  Fd log(::open((options_.spool + "/engine.log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  Program program{.argv = options_.engine, .env = environment({}, {}), .output = log.get()};
  auto pid = fork_exec(program);
  if (!pid) return ended(pid.error().message, false);
  state_ = State::running;
  pid_ = *pid;
  loop_.on_exit(*pid, [this](int status) {
    auto end = ended_from_wait(status);
    auto how = end.signal ? fmt::format("was killed by signal {}", *end.signal)
                          : fmt::format("exited with {}", *end.exit_code);
    ended(how, end.exit_code && options_.clean_ends.contains(*end.exit_code));
  });
}

// Not our child: how it ended stays unknown, so it counts as vanished. A resumed run that is over ends cleanly at once.
void KeptEngine::watch_stranger() {
  stranger_.reset(static_cast<int>(::syscall(SYS_pidfd_open, options_.engine_pid, 0)));
  if (!stranger_) return ended("is gone", false);
  pid_ = options_.engine_pid;
  state_ = State::running;
  loop_.watch(stranger_.get(), POLLIN, [this](short) {
    loop_.forget(stranger_.get());
    ended("is gone", false);
  });
}

void KeptEngine::ended(const std::string& how, bool cleanly) {
  bool again = !cleanly && may_restart_ && restarts_ < options_.restart_pauses.size();
  state_ = again ? State::pausing : State::over;
  auto pause = again ? options_.restart_pauses[restarts_++] : Duration::zero();
  say_(fmt::format("the engine {}; {}", how,
                   again ? "starting it again in " + human(pause) : "it is not started again"));
  if (again) pause_ = loop_.after(pause, [this] { start(); });
  if (!again && !cleanly) given_up_();
}

}  // namespace davy::io
