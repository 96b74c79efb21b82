#include "folders/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
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

struct Pipe {
  io::Fd read, write;
  static std::optional<Pipe> make() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return {};
    return Pipe{io::Fd(ends[0]), io::Fd(ends[1])};
  }
};

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

Result<pid_t> spawned(const std::vector<std::string>& argv, std::vector<std::string> env, int output, int errors) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, output, 1);
  posix_spawn_file_actions_adddup2(&files, errors, 2);
  pid_t pid = 0;
  auto words = raw(argv), variables = raw(env);
  int error = ::posix_spawnp(&pid, words[0], &files, nullptr, words.data(), variables.data());
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return std::unexpected(io::system_error("running " + argv[0], error));
  return pid;
}

struct Said {
  std::string output, all;  // all: its errors between
};

void keep(std::string& text, std::string_view more) {
  text += more;
  if (text.size() > 2 * kKept) text.erase(0, text.size() - kKept);
}

// Both, until it has closed both.
Said read_to_its_end(int output, int errors) {
  Said out;
  char room[16 * 1024];
  pollfd both[] = {{output, POLLIN, 0}, {errors, POLLIN, 0}};
  while (both[0].fd >= 0 || both[1].fd >= 0) {
    if (::poll(both, 2, -1) < 0 && errno != EINTR) return out;
    for (auto& one : both) {
      if (one.fd < 0 || (one.revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      auto size = ::read(one.fd, room, sizeof room);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) one.fd = -1;
      if (size <= 0) continue;
      std::string_view more(room, static_cast<std::size_t>(size));
      (void)io::write_all(STDOUT_FILENO, more);
      keep(out.all, more);
      if (&one == both) keep(out.output, more);
    }
  }
  return out;
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
  auto output = Pipe::make(), errors = Pipe::make();
  if (!output || !errors) return std::unexpected(io::system_error("running " + argv[0]));
  auto pid = spawned(argv, environment(variables, without), output->write.get(), errors->write.get());
  if (!pid) return std::unexpected(pid.error());
  output->write.reset(), errors->write.reset();
  auto said = read_to_its_end(output->read.get(), errors->read.get());
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return said.output;
  auto how = WIFEXITED(status) ? fmt::format("exit {}", WEXITSTATUS(status))
                               : fmt::format("ended by signal {}", WTERMSIG(status));
  auto why = reason_in(said.all);
  return fail(Code::unavailable, fmt::format("{}: {}", argv[0], why.empty() ? how : why));
}

}  // namespace davy::folders
