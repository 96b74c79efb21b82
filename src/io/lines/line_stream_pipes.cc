// Lines from a pipe: what Davy was handed as its standard input, and commands of which the output are the lines.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/text.h"
#include "io/lines/line_stream.h"
#include "io/lines/line_stream_text.h"
#include "io/posix/posix.h"
#include "io/posix/spawn.h"

namespace davy::io {
namespace {

using namespace std::chrono_literals;

constexpr Duration kFirstPause = 100ms, kLongestPause = 5s;
constexpr Duration kProven = 1s;   // lived so long or said a line: the command works
constexpr Duration kSteady = 10s;  // lived so long: the next end is a new one
constexpr Duration kGrace = 1s;    // between TERM and KILL

class InputLines final : public LineStream {
 public:
  explicit InputLines(int fd) : fd_(fd) {}
  int ready() const override { return ended_.empty() ? fd_ : -1; }

  // The descriptor is others' as well, so it stays as it is, and is asked before each read.
  bool read(Time now, LineSink& sink) override {
    pollfd one{fd_, POLLIN, 0};
    if (!ended_.empty() || ::poll(&one, 1, 0) <= 0) return false;
    auto room = lines_.room();
    auto n = ::read(fd_, room.data(), room.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return false;
    if (n > 0) return lines_.filled(static_cast<std::size_t>(n), sink), true;
    lines_.finish(sink);
    ended_ = fmt::format("{} at {}", n == 0 ? "the standard input has ended" : system_error("reading it").message,
                         clock_text(now));
    return false;
  }

  std::string gap(Time) override { return ended_; }

 private:
  int fd_;
  std::string ended_;
  LineBuffer lines_;
};

// Journald's objects in, messages out.
class Unwrapped final : public LineSink {
 public:
  Unwrapped(LineSink& to, std::string& message) : to_(to), message_(message) {}
  void line(std::string_view json) override {
    auto found = journald_message(json, message_);
    if (found == Journald::broken) to_.lost();
    if (found != Journald::message) return;
    for (auto one : split(message_, '\n')) to_.line(one);
  }
  void lost() override { to_.lost(); }

 private:
  LineSink& to_;
  std::string& message_;
};

struct Pipe {
  Fd from, to;
};

Result<Pipe> new_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(system_error("opening a pipe"));
  Pipe out{Fd(ends[0]), Fd(ends[1])};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  ::fcntl(ends[0], F_SETPIPE_SZ, 1 << 20);  // a pause of ours need not be one of the command's
  return out;
}

// The process and its group.
class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  ~Child() { end(); }
  explicit operator bool() const { return pid_ > 0; }

  // stdin is /dev/null. It ends with the thread that began it, were that killed.
  Result<> begin(const std::vector<std::string>& argv, int out, int errors) {
    auto failed = new_pipe();
    if (!failed) return std::unexpected(failed.error());
    ::fcntl(failed->from.get(), F_SETFL, 0);
    Fd none(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    auto parent = ::getpid();
    auto arrange = [&] {  // in the child: nothing here may take a lock
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      return ::getppid() == parent && ::dup2(none.get(), 0) == 0 && ::dup2(out, 1) == 1 && ::dup2(errors, 2) == 2;
    };
    auto pid =
        fork_exec({.argv = argv, .env = environment({}, {}), .before_exec = arrange, .failed_exec = failed->to.get()});
    if (!pid) return std::unexpected(pid.error());
    pid_ = *pid;
    failed->to.reset();
    int error = 0;
    if (::read(failed->from.get(), &error, sizeof error) != sizeof error) return {};
    end();
    return fail(Code::unavailable, fmt::format("it cannot be run: {}", ::strerror(error)));
  }

  // TERM to the group, grace, KILL; until nothing of it is left. Says how the command itself ended.
  std::string end() {
    if (pid_ <= 0) return {};
    auto group = -std::exchange(pid_, -1);
    ::kill(group, SIGTERM);
    int status = 0;
    bool seen = false;
    for (auto until = boot_time() + kGrace; !seen || ::kill(group, 0) == 0;) {
      if (!seen) seen = ::waitpid(-group, &status, WNOHANG) == -group;
      if (seen && ::kill(group, 0) != 0) break;
      if (boot_time() >= until) {
        ::kill(group, SIGKILL);
        if (seen) break;
      }
      std::this_thread::sleep_for(1ms);
    }
    return WIFEXITED(status) ? fmt::format("exit {}", WEXITSTATUS(status)) : fmt::format("signal {}", WTERMSIG(status));
  }

 private:
  pid_t pid_ = -1;
};

class CommandLines final : public LineStream {
 public:
  explicit CommandLines(LogCommand command) : command_(std::move(command)) {}

  int ready() const override { return child_ ? out_.get() : -1; }
  Duration rest() const override { return 1ms; }

  bool read(Time now, LineSink& sink) override {
    if (!child_ && now >= begin_at_) begin(now);
    if (!child_) return false;
    hear_errors();
    auto room = lines_.room();
    auto n = ::read(out_.get(), room.data(), room.size());
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return false;
    if (n <= 0) return ended(now, sink), false;
    said_something_ = true;
    if (command_.wrapping == LogCommand::Wrapping::journald) {
      Unwrapped messages(sink, message_);
      lines_.filled(static_cast<std::size_t>(n), messages);
    } else {
      lines_.filled(static_cast<std::size_t>(n), sink);
    }
    return true;
  }

  std::string gap(Time now) override {
    if (child_ && (said_something_ || now - begun_ >= kProven)) away_ = {};
    if (!away_.empty()) return std::exchange(note_, {}), away_;
    return std::exchange(note_, {});
  }

 private:
  bool apart() const { return command_.errors == LogCommand::Errors::apart; }
  std::string name() const { return "the command `" + printable(joined(command_.argv, " ")) + "`"; }

  void begin(Time now) {
    begun_ = now, said_something_ = false, last_words_.clear();
    auto argv = command_.argv;
    std::ranges::move(std::exchange(command_.at_first, {}), std::back_inserter(argv));
    if (away_.empty()) away_ = fmt::format("{} was started at {}", name(), clock_text(now));
    auto out = new_pipe(), errors = new_pipe();
    auto begun = !out      ? Result<>(std::unexpected(out.error()))
                 : !errors ? Result<>(std::unexpected(errors.error()))
                           : child_.begin(argv, out->to.get(), apart() ? errors->to.get() : out->to.get());
    if (!begun) return pause(now, begun.error().message);
    out_ = std::move(out->from);
    errors_ = std::move(errors->from);
  }

  void ended(Time now, LineSink& sink) {
    hear_errors();
    if (command_.wrapping == LogCommand::Wrapping::journald)
      lines_.drop(sink);
    else
      lines_.finish(sink);
    auto how = child_.end();
    out_.reset();
    errors_.reset();
    if (now - begun_ >= kSteady) pause_ = kFirstPause;
    if (!last_words_.empty()) how += ": " + printable(last_words_);
    pause(now, "it ended, " + how);
  }

  // `away_` keeps the first end of a row of them: since when the lines are missing.
  void pause(Time now, const std::string& why) {
    bool proven = said_something_ || now - begun_ >= kProven;
    if (proven || since_ == Time{} || away_.empty()) since_ = now;
    away_ = note_ = fmt::format("{}: {}; away since {}", name(), why, clock_text(since_));
    begin_at_ = now + pause_;
    pause_ = std::min(pause_ * 2, kLongestPause);
  }

  // The last line of stderr; it must be read, or the command would wait.
  void hear_errors() {
    char block[4096];
    for (ssize_t n; errors_ && (n = ::read(errors_.get(), block, sizeof block)) > 0;) {
      auto text = trimmed({block, static_cast<std::size_t>(n)});
      text = text.substr(text.rfind('\n') == text.npos ? 0 : text.rfind('\n') + 1);
      if (!text.empty()) last_words_ = text.substr(0, 200);
    }
  }

  LogCommand command_;
  Child child_;
  Fd out_, errors_;
  LineBuffer lines_;
  std::string message_, last_words_, away_, note_;
  Time begun_{}, begin_at_{}, since_{};
  Duration pause_ = kFirstPause;
  bool said_something_ = false;
};

}  // namespace

Result<std::unique_ptr<LineStream>> open_input_lines(const StandardInput& options) {
  if (::fcntl(options.descriptor, F_GETFD) < 0) return std::unexpected(system_error("reading the standard input"));
  return std::make_unique<InputLines>(options.descriptor);
}

Result<std::unique_ptr<LineStream>> open_command_lines(const LogCommand& options) {
  if (options.argv.empty() || options.argv[0].empty())
    return fail(Code::invalid, "reading the output of a command: there is none");
  return std::make_unique<CommandLines>(options);
}

}  // namespace davy::io
