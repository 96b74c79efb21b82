#include "io/keeper/keeper_instances.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "io/keeper/log_turner.h"
#include "io/posix/spawn.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

using namespace std::chrono_literals;

constexpr Duration kFirstLook = 5ms, kLongestLook = 200ms;

Result<> check_key(std::string_view key) {
  bool plain = std::ranges::all_of(key, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-_.~+/").contains(c);
  });
  if (plain && !key.empty() && key.size() <= 150) return {};
  return fail(Code::invalid, fmt::format("'{}' cannot name an instance: up to 150 letters, digits and -_.~+/", key));
}

// Else the shell would be said to be missing.
Result<> check_folder(const std::string& cwd) {
  struct stat found{};
  if (cwd.empty() || (::stat(cwd.c_str(), &found) == 0 && S_ISDIR(found.st_mode))) return {};
  return fail(Code::invalid, fmt::format("`cwd` {} is not there", cwd), "is the release copied to this machine?");
}

// Empty when exec worked: the writing end closes by itself then.
Result<> exec_result(int fd, const std::string& program) {
  int error = 0;
  ssize_t n = 0;
  while ((n = ::read(fd, &error, sizeof error)) < 0 && errno == EINTR) continue;
  if (n <= 0) return {};
  return std::unexpected(system_error(fmt::format("starting '{}'", program), error));
}

}  // namespace

void KeptInstances::start(const StartInstance& spec, Answer answer) {
  auto begun = check_key(spec.key);
  if (begun) begun = check_folder(spec.cwd);
  if (begun) begun = make_folders(store_.folder(spec.key));
  if (begun) begun = begin(spec);
  answer(begun ? Reply(Agreed{}) : Reply(begun.error()));
}

// The lock is inherited by the child and closes when exec works, so another keeper that waits for it sees `begun`.
Result<> KeptInstances::begin(const StartInstance& spec) {
  auto folder = store_.folder(spec.key);
  Fd lock(::open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock || ::flock(lock.get(), LOCK_EX) != 0) return std::unexpected(system_error("locking " + folder));
  auto before = store_.find(spec.key);
  if (!before) return std::unexpected(before.error());
  if (*before && (*before)->alive) return {};
  if (auto kept = replace_file(folder + "/note", spec.note, 0600, Sync::no); !kept) return kept;
  ::unlink((folder + "/exit").c_str());
  Fd log(::open((folder + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  int ends[2];
  if (!log || ::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(system_error("starting instance " + spec.key));
  Fd from(ends[0]), to(ends[1]);
  auto pid = fork_into(spec, log.get(), to.get());
  to.reset();
  if (!pid) return std::unexpected(pid.error());
  watch(spec.key, *pid);
  auto runs = exec_result(from.get(), spec.argv[0]);
  // Without one its log has no bound; the next instance tries again, and a service is not refused for want of it.
  if (runs) (void)have_turner("/proc/self/exe", {store_.root(), store_.boot()});
  return runs;
}

Result<pid_t> KeptInstances::fork_into(const StartInstance& spec, int log, int failed_exec) {
  auto env = spec.env;
  env[std::string(kInstanceVariable)] = store_.folder(spec.key);
  auto begin = [&] {
    Begun begun{identify(::getpid(), store_.boot())};
    return replace_file(store_.folder(spec.key) + "/begun", to_text(begun), 0600, Sync::no).has_value();
  };
  Program program{.argv = spec.argv,
                  .env = environment(env, spec.secret_env, spec.hidden),
                  .cwd = spec.cwd,
                  .own = Program::Own::session,
                  .output = log,
                  .before_exec = begin,
                  .failed_exec = failed_exec};
  auto pid = fork_exec(program);
  for (auto& entry : program.env) wipe(entry);
  return pid;
}

void KeptInstances::watch(const std::string& key, pid_t pid) {
  loop_.on_exit(pid, [this, key, pid](int status) {
    auto whole = store_.family(key);
    if (!whole || whole->leader.pid != pid) return;  // it was started anew since
    (void)replace_file(store_.folder(key) + "/exit", to_text(ended_from_wait(status)), 0600, Sync::no);
  });
}

void KeptInstances::stop(const std::string& key, Duration grace, Answer answer) {
  auto whole = store_.family(key);
  if (!whole) return answer(Agreed{});
  for (const auto& process : living(*whole)) send_signal(process, SIGTERM);
  ++stopping_;
  press(key, *whole, later(boot_time(), grace), kFirstLook, std::move(answer));
}

// Until nothing of it is left, its daemons included. Who gave up on this stop may have started the instance anew since:
// that one has the same cookie, and must live.
void KeptInstances::press(const std::string& key, const Family& whole, Duration kill_at, Duration next_look,
                          const Answer& answer) {
  auto left = living(whole);
  if (auto anew = store_.family(key); anew && !(anew->leader == whole.leader))
    std::erase_if(left, [&](const ProcessId& process) { return process.start >= anew->leader.start; });
  if (left.empty()) {
    loop_.reap();  // a zombie counts as gone: how it ended is written before we say so
    --stopping_;
    return answer(Agreed{});
  }
  if (boot_time() >= kill_at)
    for (const auto& process : left) send_signal(process, SIGKILL);
  loop_.after(next_look, [this, key, whole, kill_at, next_look, answer] {
    press(key, whole, kill_at, std::min(2 * next_look, kLongestLook), answer);
  });
}

}  // namespace davy::io
