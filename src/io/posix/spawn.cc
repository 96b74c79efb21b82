#include "io/posix/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include "io/posix/family.h"
#include "io/posix/posix.h"

extern char** environ;

namespace davy::io {
namespace {

void reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

// The output is opened anew for reading and writing: while the command holds a reading end itself, the death of the
// keeper (the pipe's reader) does not kill it with SIGPIPE at its next line. The next keeper reads on.
void take_output(int output) {
  auto path = fmt::format("/proc/self/fd/{}", output);
  int again = ::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC);
  int to = again >= 0 ? again : output;
  ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
  ::dup2(to, 1);
  ::dup2(to, 2);
}

[[noreturn]] void give_up(const Program& program, int code, std::string_view doing) {
  int error = errno;
  if (program.failed_exec >= 0) (void)!::write(program.failed_exec, &error, sizeof error);
  write_all(2, fmt::format("davy: {}: {}\n", doing, ::strerror(error)));
  ::_exit(code);
}

[[noreturn]] void become(const Program& program, char** argv, char** env) {
  program.own == Program::Own::session ? (void)::setsid() : (void)::setpgid(0, 0);
  if (program.before_exec && !program.before_exec()) ::_exit(kDidNotBegin);
  if (program.output >= 0) take_output(program.output);
  reset_signals();
  if (!program.cwd.empty() && ::chdir(program.cwd.c_str()) != 0)
    give_up(program, 126, "cannot enter the folder " + program.cwd);
  environ = env;  // execvp looks for the program in the PATH that it will have
  ::execvp(argv[0], argv);
  give_up(program, 127, fmt::format("cannot run '{}'", argv[0]));
}

std::vector<char*> raw(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const auto& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<pid_t> fork_exec(const Program& program) {
  if (program.argv.empty() || program.argv[0].empty()) return fail(Code::invalid, "a command without a program");
  auto argv = raw(program.argv), env = raw(program.env);
  pid_t pid = ::fork();
  if (pid == 0) become(program, argv.data(), env.data());
  if (pid < 0) return std::unexpected(system_error(fmt::format("starting '{}'", program.argv[0])));
  if (program.own == Program::Own::group) ::setpgid(pid, pid);  // whoever is first: it must be there before a kill
  return pid;
}

Result<pid_t> fork_into(int output, const std::function<int()>& work) {
  pid_t pid = ::fork();
  if (pid < 0) return std::unexpected(system_error("starting a child"));
  if (pid > 0) return ::setpgid(pid, pid), pid;
  ::setpgid(0, 0);
  take_output(output);
  ::close_range(3, ~0U, 0);
  reset_signals();
  ::_exit(work());
}

Result<pid_t> spawn_davy(const std::vector<std::string>& argv, int output, bool session) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  if (session) posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDWR, 0);
  for (int fd : {1, 2}) posix_spawn_file_actions_adddup2(&files, output >= 0 ? output : 0, fd);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  auto own = environment({}, {});
  auto words = raw(argv), env = raw(own);
  pid_t pid = 0;
  int error = ::posix_spawn(&pid, words[0], &files, &attributes, words.data(), env.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return std::unexpected(system_error("starting " + argv[0], error));
  return pid;
}

std::vector<std::string> environment(const std::map<std::string, std::string>& added,
                                     const std::map<std::string, std::string>& secrets,
                                     const std::vector<std::string>& hidden) {
  std::vector<std::string> env;
  for (char** at = environ; *at; ++at) {
    std::string_view entry(*at);
    std::string name(entry.substr(0, entry.find('=')));
    bool whose =
        name == kInstanceVariable || name == kCommandVariable || std::ranges::find(hidden, name) != hidden.end();
    if (!whose && !added.contains(name) && !secrets.contains(name)) env.emplace_back(entry);
  }
  for (const auto& [name, value] : added)
    if (!secrets.contains(name)) env.push_back(name + "=" + value);
  for (const auto& [name, value] : secrets) env.push_back(name + "=" + value);
  return env;
}

}  // namespace davy::io
