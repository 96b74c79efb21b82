#include "io/secrets/sources.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <thread>

#include "base/text.h"
#include "io/posix/plan_folder.h"
#include "io/posix/posix.h"
#include "io/posix/spawn.h"
#include "io/secrets/encodings.h"
#include "ports/outside.h"

namespace davy::io {
namespace {

using namespace std::chrono_literals;
using run::SecretSource;

constexpr std::size_t kLongest = 64 * 1024;

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

Result<> put(Secrets& secrets, const std::string& name, std::string value, const std::string& from) {
  auto why = value.empty()                    ? "there is nothing in it"
             : value.find('\0') != value.npos ? "it is no text"
             : value.size() > kLongest        ? "it is longer than 64 KiB"
                                              : "";
  if (*why == '\0') secrets.add(name, value);
  wipe(value);
  if (*why == '\0') return {};
  return fail(Code::invalid, fmt::format("the secret {} from {}: {}", name, from, why));
}

// One that is being asked. Its output is only in our memory.
struct Asked {
  const SecretSource* source;
  pid_t pid = 0;
  Fd out, errors;
  std::string value, complaint;
};

Result<std::pair<Fd, Fd>> pipe_pair() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(system_error("asking for a secret"));
  return std::pair(Fd(ends[0]), Fd(ends[1]));
}

Result<pid_t> spawn(const SecretSource& source, const run::Setup& setup, int out, int errors) {
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out, 1);
  posix_spawn_file_actions_adddup2(&files, errors, 2);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  PlanFolder folder{setup.directory, ""};  // gone: where this process stands, which is in an empty one
  if (!folder.path.empty() && !folder.gone()) posix_spawn_file_actions_addchdir_np(&files, folder.path.c_str());
  auto env = environment(setup.variables, {});
  std::vector<char*> pointers;
  for (auto& one : env) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  std::string shell = "/bin/sh", flag = "-c", text = source.command;
  char* argv[] = {shell.data(), flag.data(), text.data(), nullptr};
  pid_t pid = 0;
  int error = ::posix_spawn(&pid, argv[0], &files, &attributes, argv, pointers.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return std::unexpected(system_error("asking for the secret " + source.name, error));
  return pid;
}

Result<Asked> ask(const SecretSource& source, const run::Setup& setup) {
  auto out = pipe_pair(), errors = pipe_pair();
  if (!out || !errors) return std::unexpected(out ? errors.error() : out.error());
  auto pid = spawn(source, setup, out->second.get(), errors->second.get());
  if (!pid) return std::unexpected(pid.error());
  return Asked{&source, *pid, std::move(out->first), std::move(errors->first), {}, {}};
}

// A block of it; closed at its end, and where it is too long to be a secret.
void read_some(Fd& from, std::string& into) {
  std::array<char, 4096> block;
  auto n = ::read(from.get(), block.data(), block.size());
  if (n < 0 && errno == EINTR) return;
  if (n > 0) into.append(block.data(), static_cast<std::size_t>(n));
  ::explicit_bzero(block.data(), block.size());
  if (n <= 0 || into.size() > kLongest) from.reset();
}

void read_all(std::vector<Asked>& all, Duration until) {
  for (;;) {
    std::vector<pollfd> open;
    std::vector<std::pair<Fd*, std::string*>> of;
    for (auto& one : all)
      for (auto [fd, text] : {std::pair(&one.out, &one.value), std::pair(&one.errors, &one.complaint)})
        if (*fd) open.push_back({fd->get(), POLLIN, 0}), of.emplace_back(fd, text);
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - boot_time());
    if (open.empty() || left <= 0ms) return;
    if (::poll(open.data(), open.size(), static_cast<int>(left.count())) <= 0) continue;
    for (std::size_t i = 0; i < open.size(); ++i)
      if (open[i].revents != 0) read_some(*of[i].first, *of[i].second);
  }
}

// Whoever closed its output may go on all the same. Nothing: it was still there then, and is killed.
std::optional<int> status_of(const Asked& one, Duration until) {
  int status = 0;
  while (!one.out && boot_time() < until) {
    auto gone = ::waitpid(one.pid, &status, WNOHANG);
    if (gone == one.pid) return status;
    if (gone < 0 && errno != EINTR) break;
    std::this_thread::sleep_for(5ms);
  }
  ::kill(-one.pid, SIGKILL);
  while (::waitpid(one.pid, &status, 0) < 0 && errno == EINTR) continue;
  return std::nullopt;
}

// `set -x` and the like say the value again.
std::string last_words(const Asked& one, const std::string& value) {
  auto said = std::string(trimmed(one.complaint));
  auto secret = std::string(trimmed(value));
  for (auto at = said.find(secret); !secret.empty() && at != said.npos; at = said.find(secret))
    said.replace(at, secret.size(), "[…]");
  return printable(said.substr(said.rfind('\n') + 1).substr(0, 200));
}

Result<> ended(Secrets& secrets, Asked& one, Duration within, Duration until) {
  auto ended_with = status_of(one, until);
  bool in_time = ended_with.has_value();
  auto status = ended_with.value_or(0);
  ::kill(-one.pid, SIGKILL);  // what it left behind
  auto from = fmt::format("`{}`", one.source->command);
  if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return put(secrets, one.source->name, without_last_newline(std::move(one.value)), from);
  auto last = last_words(one, one.value);
  wipe(one.value);
  auto how = !in_time            ? "no answer within " + human(within)
             : WIFEXITED(status) ? fmt::format("exit {}", WEXITSTATUS(status))
                                 : fmt::format("killed by signal {}", WTERMSIG(status));
  return fail(Code::invalid,
              fmt::format("the secret {} from {}: {}{}", one.source->name, from, how, last.empty() ? "" : ": " + last));
}

Result<> take_commands(Secrets& secrets, const run::Setup& setup, Duration within) {
  std::vector<Asked> all;
  Result<> out;
  for (auto& source : setup.secrets) {
    if (source.command.empty()) continue;
    auto asked = ask(source, setup);
    if (asked)
      all.push_back(std::move(*asked));
    else
      out = std::unexpected(asked.error());
  }
  auto until = boot_time() + within;
  read_all(all, until);
  for (auto& one : all)
    if (auto taken = ended(secrets, one, within, until); !taken && out) out = taken;
  return out;
}

Result<> take_file(Secrets& secrets, const SecretSource& source, std::string path) {
  if (auto good = only_we_can_read(path); !good) return good;
  auto text = read_file(path, kLongest + 2);
  if (!text) return std::unexpected(text.error());
  return put(secrets, source.name, without_last_newline(std::move(*text)), path);
}

// systemd.exec(5), LoadCredential=.
Result<> take_credential(Secrets& secrets, const SecretSource& source) {
  const char* folder = ::getenv("CREDENTIALS_DIRECTORY");
  if (!folder)
    return fail(
        Code::invalid,
        fmt::format("the secret {}: there are no credentials of systemd here ($CREDENTIALS_DIRECTORY is not set)",
                    source.name),
        fmt::format("run Davy by a unit with `LoadCredential={0}:/path` or `LoadCredentialEncrypted={0}`",
                    source.credential));
  return take_file(secrets, source, std::string(folder) + "/" + source.credential);
}

}  // namespace

Result<> take_secrets(Secrets& secrets, const run::Runbook& book, Duration within) {
  auto& setup = book.setup;
  if (auto taken = take_commands(secrets, setup, within); !taken) return taken;
  for (auto& source : setup.secrets) {
    auto taken = !source.file.empty()         ? take_file(secrets, source, ports::beside(setup.directory, source.file))
                 : !source.credential.empty() ? take_credential(secrets, source)
                                              : Result<>();
    if (!taken) return taken;
  }
  secrets.add_environment(book.secrets);
  if (!setup.env_file.empty())
    if (auto added = secrets.add_file(setup.env_file, book.secrets); !added) return added;
  auto missing = secrets.missing(book.secrets);
  if (missing.empty()) return {};
  return fail(
      Code::invalid, fmt::format("secrets are not set: {}", joined(missing, ", ")),
      "set them in the environment of `davy deploy`, in the environment's env-file, or say where they come from "
      "(`secrets: { NAME: { command: … } }`)");
}

}  // namespace davy::io
