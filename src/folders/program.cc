#include "folders/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "io/posix/posix.h"

extern char** environ;

namespace davy::folders {
namespace {

constexpr std::size_t kKept = 64 * 1024;

std::vector<char*> raw(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (auto& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment(const std::vector<std::string>& variables,
                                     const std::vector<std::string>& without) {
  auto out = variables;
  auto name_of = [](std::string_view entry) { return entry.substr(0, entry.find('=')); };
  for (char** at = environ; *at; ++at) {
    auto name = name_of(*at);
    bool set = std::ranges::any_of(variables, [&](auto& one) { return name_of(one) == name; });
    if (!set && std::ranges::find(without, name) == without.end()) out.emplace_back(*at);
  }
  return out;
}

Result<pid_t> spawned(const std::vector<std::string>& argv, std::vector<std::string> env, int output) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, 1);
  posix_spawn_file_actions_adddup2(&files, output, 2);
  pid_t pid = 0;
  auto words = raw(argv), variables = raw(env);
  int error = ::posix_spawnp(&pid, words[0], &files, nullptr, words.data(), variables.data());
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return std::unexpected(io::system_error("running " + argv[0], error));
  return pid;
}

std::string read_to_its_end(int from) {
  std::string out;
  char room[16 * 1024];
  for (;;) {
    auto size = ::read(from, room, sizeof room);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return out;
    std::string_view more(room, static_cast<std::size_t>(size));
    (void)io::write_all(STDOUT_FILENO, more);
    out += more;
    if (out.size() > 2 * kKept) out.erase(0, out.size() - kKept);
  }
}

// Programs say why they give up before they say that they do.
std::string reason_in(const std::string& output) {
  std::string last;
  for (auto line : split(output, '\n')) {
    line = trimmed(line);
    if (line.starts_with("fatal: ") || line.starts_with("error: ")) return printable(line.substr(0, 300));
    if (!line.empty()) last = printable(line.substr(0, 300));
  }
  return last;
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& argv, const std::vector<std::string>& variables,
                                const std::vector<std::string>& without) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(io::system_error("running " + argv[0]));
  io::Fd reading(ends[0]), writing(ends[1]);
  auto pid = spawned(argv, environment(variables, without), writing.get());
  if (!pid) return std::unexpected(pid.error());
  writing.reset();
  auto output = read_to_its_end(reading.get());
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  auto how = WIFEXITED(status) ? fmt::format("exit {}", WEXITSTATUS(status))
                               : fmt::format("ended by signal {}", WTERMSIG(status));
  auto why = reason_in(output);
  return fail(Code::unavailable, fmt::format("{}: {}", argv[0], why.empty() ? how : why));
}

}  // namespace davy::folders
