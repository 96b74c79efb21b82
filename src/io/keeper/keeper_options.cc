#include "io/keeper/keeper_options.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>

#include "base/text.h"
#include "io/posix/posix.h"
#include "io/posix/spawn.h"

namespace davy::io {
namespace {

Result<std::int64_t> number(std::string_view option, std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return value;
  return fail(Code::invalid, fmt::format("keep: {} needs a whole number, not '{}'", option, text));
}

Result<> apply(KeeperOptions& options, const std::string& name, const std::string& text) {
  if (name == "--spool") return options.spool = text, Result<>();
  if (name == "--instances") return options.instances = text, Result<>();
  if (name == "--boot") return options.boot = text, Result<>();
  if (name == "--plan-folder") return options.plan_folder = text, Result<>();
  if (name == "--sender") return options.sender.push_back(text), Result<>();
  auto value = number(name, text);
  if (!value) return std::unexpected(value.error());
  if (name == "--engine-pid") return options.engine_pid = static_cast<pid_t>(*value), Result<>();
  if (name == "--clean") return options.clean_ends.insert(static_cast<int>(*value)), Result<>();
  if (name == "--pause") return options.restart_pauses.emplace_back(*value), Result<>();
  if (name == "--patience") return options.patience = Duration(*value), Result<>();
  if (name == "--linger") return options.linger = Duration(*value), Result<>();
  return fail(Code::invalid, fmt::format("keep: unknown option {}", name));
}

std::string read_to_end(int fd) {
  std::string text;
  char block[1024];
  for (;;) {
    auto n = ::read(fd, block, sizeof block);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return text;
    text.append(block, static_cast<std::size_t>(n));
  }
}

}  // namespace

std::vector<std::string> to_arguments(const KeeperOptions& options) {
  std::vector<std::string> words = {"--spool", options.spool, "--instances", options.instances};
  auto add = [&](std::string name, std::string value) {
    words.insert(words.end(), {std::move(name), std::move(value)});
  };
  if (!options.boot.empty()) add("--boot", options.boot);
  if (!options.plan_folder.empty()) add("--plan-folder", options.plan_folder);
  for (auto& word : options.sender) add("--sender", word);
  if (options.engine_pid != 0) add("--engine-pid", std::to_string(options.engine_pid));
  for (int code : options.clean_ends) add("--clean", std::to_string(code));
  for (auto pause : options.restart_pauses) add("--pause", std::to_string(pause.count()));
  add("--patience", std::to_string(options.patience.count()));
  add("--linger", std::to_string(options.linger.count()));
  words.emplace_back("--");
  words.insert(words.end(), options.engine.begin(), options.engine.end());
  return words;
}

Result<KeeperOptions> keeper_options(std::span<const std::string> arguments) {
  KeeperOptions options;
  options.clean_ends.clear();
  options.restart_pauses.clear();
  std::size_t at = 0;
  for (; at + 1 < arguments.size() && arguments[at] != "--"; at += 2)
    if (auto done = apply(options, arguments[at], arguments[at + 1]); !done) return std::unexpected(done.error());
  if (at >= arguments.size() || arguments[at] != "--")
    return fail(Code::invalid, "keep: the options end in -- and the engine's command");
  if (options.spool.empty()) return fail(Code::invalid, "keep: --spool is missing");
  options.engine.assign(arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end());
  return options;
}

// The keeper's first process ends at once; the keeper itself holds the pipe until it listens, then lets it go. Text on
// the pipe says why it could not.
Result<> start_keeper(const std::string& program, const KeeperOptions& options) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(system_error("starting the keeper"));
  Fd from(ends[0]), to(ends[1]);
  std::vector<std::string> argv = {program, "keep"};
  for (auto& word : to_arguments(options)) argv.push_back(std::move(word));
  auto pid = spawn_davy(argv, to.get(), false);
  to.reset();
  if (!pid) return std::unexpected(pid.error());
  auto said = read_to_end(from.get());
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) continue;
  if (said.empty() && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(Code::unavailable,
              fmt::format("the keeper of {} did not start: {}", options.spool,
                          said.empty() ? fmt::format("it ended with status {}", status) : printable(trimmed(said))));
}

}  // namespace davy::io
