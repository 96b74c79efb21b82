#include "io/ways/sayings.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <vector>

#include "io/net/net.h"
#include "io/posix/plan_folder.h"
#include "io/posix/posix.h"
#include "io/posix/spawn.h"

namespace davy::io {
namespace {

// All of the text is there before the command begins, and no pipe has to be fed.
Result<Fd> readable(std::string_view text) {
  Fd file(::memfd_create("davy-text", MFD_CLOEXEC));
  if (!file || !write_all(file.get(), text) || ::lseek(file.get(), 0, SEEK_SET) != 0)
    return std::unexpected(system_error("keeping the text of a notice"));
  return file;
}

class SpawnOptions {
 public:
  SpawnOptions(int input, const std::string& cwd) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, input, 0);
    for (int fd : {1, 2}) ::posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
    if (!cwd.empty() && !PlanFolder{cwd, ""}.gone()) ::posix_spawn_file_actions_addchdir_np(&files, cwd.c_str());
  }
  ~SpawnOptions() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnOptions(const SpawnOptions&) = delete;

  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
};

std::vector<char*> raw(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Owns the child: whoever gives up waiting kills its group.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  ~Child() {
    if (pid_ == 0) return;
    ::kill(-pid_, SIGKILL);
    (void)reap();
  }
  int descriptor() const { return static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)); }
  std::optional<int> reap() {
    int status = 0;
    pid_t ended = 0;
    while ((ended = ::waitpid(pid_, &status, 0)) < 0 && errno == EINTR) continue;
    pid_ = 0;
    return ended < 0 ? std::nullopt : std::optional(status);
  }

 private:
  pid_t pid_;
};

Result<pid_t> started(const ports::Saying& what, const std::vector<std::string>& hidden) {
  auto text = readable(what.text);
  if (!text) return std::unexpected(text.error());
  std::vector<std::string> line{"/bin/sh", "-c", what.line};
  auto own = environment(what.env, {}, hidden);
  auto argv = raw(line), env = raw(own);
  SpawnOptions options(text->get(), what.cwd);
  pid_t pid = 0;
  int error = ::posix_spawn(&pid, "/bin/sh", &options.files, &options.attributes, argv.data(), env.data());
  if (error != 0) return std::unexpected(system_error("starting a command of a notice", error));
  return pid;
}

Result<> said(std::optional<int> status) {
  if (!status) return fail(Code::unavailable, "nobody saw how the command of a notice ended");
  if (WIFSIGNALED(*status))
    return fail(Code::refused, fmt::format("the command of a notice was killed by signal {}", WTERMSIG(*status)));
  if (WEXITSTATUS(*status) == 0) return {};
  return fail(WEXITSTATUS(*status) == EX_TEMPFAIL ? Code::unavailable : Code::refused,
              fmt::format("the command of a notice exited with {}", WEXITSTATUS(*status)));
}

ports::Task<> carried_out(const ports::Saying& what, const std::vector<std::string>& hidden) {
  auto pid = started(what, hidden);
  if (!pid) co_return std::unexpected(pid.error());
  Child child(*pid);
  auto descriptor = child.descriptor();
  if (descriptor < 0) co_return std::unexpected(system_error("waiting for a command of a notice"));
  asio::posix::stream_descriptor ended(co_await asio::this_coro::executor, descriptor);
  auto [error] = co_await ended.async_wait(asio::posix::stream_descriptor::wait_read, kAsTuple);
  if (error) co_return fail(Code::cancelled, "a command of a notice was ended");
  co_return said(child.reap());
}

}  // namespace

ports::Task<> Sayings::say(ports::Saying what) {
  auto timeout = what.timeout;
  co_return co_await within(timeout, "a command of a notice", carried_out(what, hidden_));
}

}  // namespace davy::io
