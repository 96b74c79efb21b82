// What holds from line to line of run(): after the lock, no other keeper has this spool; after listen(), clients find
// us; from then on everything happens in turns of one loop, so no two requests are ever half done at once.
#include "io/keeper/keeper.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <filesystem>

#include "base/units.h"
#include "io/guard/keeper_guard.h"
#include "io/keeper/keeper_commands.h"
#include "io/keeper/keeper_engine.h"
#include "io/keeper/keeper_instances.h"
#include "io/keeper/keeper_questions.h"
#include "io/keeper/keeper_sender.h"
#include "io/keeper/keeper_socket.h"
#include "io/posix/lockfile.h"
#include "io/posix/machine.h"

namespace davy::io {
namespace {

void say(const std::string& text) { write_all(1, fmt::format("{} {}\n", timestamp(wall_time()), text)); }

class Keeper {
 public:
  explicit Keeper(const KeeperOptions& options)
      : options_(options),
        boot_(this_machine(options.boot).boot),
        spool_(options.spool),
        commands_(loop_, spool_, boot_),
        instances_(loop_, InstanceStore(options.instances, boot_)),
        guard_(
            loop_, spool_, options.patience, options.folder(), say, [this] { engine_.end_mute(); },
            [this] { commands_.end_those_of_providers(); }),
        sender_(loop_, options_, say),
        engine_(loop_, options_, boot_, say, [this] { sender_.begin(); }),
        questions_(loop_),
        socket_(
            loop_,
            [this](Asker asker, Request request, Answer answer) {
              carry_out(asker, std::move(request), std::move(answer));
            },
            [this](std::uint64_t client) { questions_.gone(client); }) {}

  Result<> listen() { return socket_.listen(options_.spool); }

  void run() {
    watch_signals();
    commands_.adopt_all();
    guard_.begin();
    engine_.begin();
    sender_.begin();
    while (!over()) loop_.turn();
    socket_.close(options_.spool);
    say("the keeper ends");
  }

 private:
  void put_in_place(Request& request) const {
    auto put = [&](std::string& cwd) { cwd = options_.folder().standing(cwd); };
    std::visit(overloaded{[&](LaunchCommand& r) { put(r.command.cwd); }, [&](AskCommand& r) { put(r.command.cwd); },
                          [&](StartInstance& r) { put(r.cwd); }, [](auto&) {}},
               request);
  }

  void carry_out(Asker asker, Request request, Answer answer) {
    put_in_place(request);
    std::visit(overloaded{
                   [&](const LaunchCommand& r) { commands_.launch(r, std::move(answer)); },
                   [&](const FindCommand& r) { commands_.find(r.key, std::move(answer)); },
                   [&](const EndCommand& r) { commands_.end(r.key, r.grace, std::move(answer)); },
                   [&](const AskCommand& r) { questions_.ask(asker, r.command, std::move(answer)); },
                   [&](const GiveUpAsking& r) { give_up({asker.client, r.number}, std::move(answer)); },
                   [&](const StartInstance& r) { instances_.start(r, std::move(answer)); },
                   [&](const StopInstance& r) { instances_.stop(r.key, r.grace, std::move(answer)); },
                   [&](const ArmGuard& r) { guard_.arm(r.way, r.secrets, std::move(answer)); },
                   [&](const Judged&) { guard_.judged(std::move(answer)); },
                   [&](const DisarmGuard&) { guard_.disarm(std::move(answer)); },
                   [&](const AskTaken&) { guard_.taken(answer); },
               },
               request);
    wipe(request);
  }

  void give_up(Asker asker, const Answer& answer) {
    questions_.give_up(asker);
    answer(Agreed{});
  }

  void watch_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    loop_.watch(signals_.get(), POLLIN, [this](short) { signalled(); });
  }

  void signalled() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
      if (info.ssi_signo == SIGCHLD) continue;
      say(fmt::format("signal {} from pid {}: ending when no command runs", info.ssi_signo, info.ssi_pid));
      leaving_ = true;
      engine_.never_again();
    }
    loop_.reap();
  }

  bool over() {
    if (!commands_.idle() || !questions_.idle() || !instances_.idle() || !guard_.idle()) return false;
    if (leaving_) return true;
    if (!sender_.idle()) return false;
    return engine_.configured() ? engine_.over() : deserted();
  }

  // A keeper without an engine lives for its clients.
  bool deserted() {
    auto now = boot_time();
    if (!socket_.deserted() || deserted_since_ == kForever) deserted_since_ = now;
    if (now - deserted_since_ >= options_.linger) return true;
    if (socket_.deserted() && waking_.first <= now) waking_ = loop_.after(options_.linger, [] {});
    return false;
  }

  KeeperOptions options_;
  std::string boot_;
  PollLoop loop_;
  Spool spool_;
  Commands commands_;
  KeptInstances instances_;
  KeptGuard guard_;
  KeptSender sender_;
  KeptEngine engine_;
  Questions questions_;
  KeeperSocket socket_;
  Fd signals_;
  bool leaving_ = false;
  Duration deserted_since_ = kForever;
  PollLoop::Timer waking_{};
};

Result<LockFile> take_spool(const KeeperOptions& options, const std::string& boot) {
  if (auto made = make_folders(options.spool); !made) return std::unexpected(made.error());
  std::error_code error;
  std::filesystem::permissions(options.spool, std::filesystem::perms::owner_all, error);
  auto self = identify(::getpid(), boot);
  return LockFile::take(options.spool + "/keeper.lock", fmt::format("{} {} {}", self.pid, self.start, self.boot));
}

// From here on whoever started us sees that its pipe is closed: we listen.
void log_to(const std::string& path) {
  Fd log(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ::dup2(null.get(), 0);
  for (int to : {1, 2}) ::dup2(log ? log.get() : null.get(), to);
}

// Secrets pass through this process: no core file of it, and no other process of this user may look into it.
void become_keeper() {
  ::setsid();
  ::close_range(3, ~0U, 0);
  ::signal(SIGPIPE, SIG_IGN);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_DUMPABLE, 0);
}

int run(const KeeperOptions& options) {
  become_keeper();
  auto lock = take_spool(options, this_machine(options.boot).boot);
  if (!lock && lock.error().code == Code::refused && LockFile::holder(options.spool + "/keeper.lock")) return 0;
  if (!lock) return say(to_string(lock.error())), 1;
  Keeper keeper(options);
  if (auto listening = keeper.listen(); !listening) return say(to_string(listening.error())), 1;
  log_to(options.spool + "/keeper.log");
  say(fmt::format("the keeper begins, pid {}", ::getpid()));
  keeper.run();
  return 0;
}

}  // namespace

int keep(const KeeperOptions& options) {
  pid_t pid = ::fork();
  if (pid < 0) return say(to_string(system_error("starting the keeper"))), 1;
  if (pid > 0) ::_exit(0);
  return run(options);
}

}  // namespace davy::io
