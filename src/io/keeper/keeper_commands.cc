#include "io/keeper/keeper_commands.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/keeper/instance_store.h"
#include "io/posix/spawn.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

// In the child. O_EXCL is the whole guarantee that a key never begins twice: also of two keepers only one gets through.
bool write_begun(const std::string& path, Begun begun) {
  begun.process = identify(::getpid(), begun.process.boot);
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return false;
  if (write_all(fd.get(), to_text(begun))) return true;
  ::unlink(path.c_str());
  return false;
}

std::optional<Begun> read_begun(const std::string& folder) {
  auto text = read_file(folder + "/begun", 4096);
  return text ? parse_begun(*text) : std::nullopt;
}

// What the command still says into the pipe that its dead keeper read. Regular files and terminals are not ours.
Fd reopen_output(pid_t pid) {
  Fd fd(::open(fmt::format("/proc/{}/fd/1", pid).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat about{};
  if (fd && ::fstat(fd.get(), &about) == 0 && S_ISFIFO(about.st_mode)) return fd;
  return {};
}

void say_that_output_is_lost(const std::string& folder) {
  Fd fd(::open((folder + "/out").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (fd) write_all(fd.get(), "\n[davy: the keeper was killed here; later output is not kept]\n");
}

Error not_started(const std::string& folder) {
  return {Code::no_space, "a command was not started: nothing can be written in " + folder};
}

// By its folder: no other command on this machine has it.
Family family_of(const Begun& begun, const std::string& folder) {
  return {begun.process, fmt::format("{}={}", kCommandVariable, folder)};
}

struct Started {
  pid_t pid = 0;
  Fd output;
  Begun begun;
};

Result<Started> start(const Command& spec, const std::string& folder, const std::string& boot) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(system_error("starting a command"));
  Fd from(ends[0]), to(ends[1]);
  ::fcntl(from.get(), F_SETFL, O_NONBLOCK);
  Begun begun{{0, 0, boot}, later(boot_time(), spec.timeout), spec.grace};
  auto env = spec.env;
  env[std::string(kCommandVariable)] = folder;
  Program program{.argv = spec.argv,
                  .env = environment(env, spec.secret_env, names_of(spec.masked)),
                  .cwd = spec.cwd,
                  .output = to.get(),
                  .before_exec = [&] { return write_begun(folder + "/begun", begun); }};
  auto pid = fork_exec(program);
  for (auto& entry : program.env) wipe(entry);
  if (!pid) return std::unexpected(pid.error());
  begun.process = identify(*pid, boot);
  return Started{*pid, std::move(from), begun};
}

}  // namespace

Commands::Commands(PollLoop& loop, Spool spool, std::string boot)
    : loop_(loop), spool_(std::move(spool)), boot_(std::move(boot)) {}

Commands::Entry* Commands::running(const std::string& name) {
  if (auto entry = running_.find(name); entry != running_.end()) return &entry->second;
  auto standing = spool_.look(name, boot_);
  const auto* begun = std::get_if<Begun>(&standing);
  return begun ? &adopt(name, *begun) : nullptr;
}

void Commands::launch(const LaunchCommand& spec, Answer answer) {
  auto name = file_name(spec.key);
  bool begun = running_.contains(name) || unrecorded_.contains(name) ||
               !std::holds_alternative<Spool::NeverBegan>(spool_.look(name, boot_));
  if (begun)
    wait_for(name, std::move(answer));
  else
    begin(name, spec.command, std::move(answer));
}

void Commands::find(const std::string& key, Answer answer) { wait_for(file_name(key), std::move(answer)); }

void Commands::wait_for(const std::string& name, Answer answer) {
  if (auto lost = unrecorded_.find(name); lost != unrecorded_.end()) return answer(lost->second);
  if (auto* entry = running(name)) return entry->waiting.push_back(std::move(answer));
  auto standing = spool_.look(name, boot_);
  if (std::holds_alternative<Spool::NeverBegan>(standing)) return answer(Spool::NeverBegan{});
  const auto* ended = std::get_if<Ended>(&standing);
  answer(ended ? *ended : Ended{});
}

void Commands::end(const std::string& key, Duration grace, Answer answer) {
  auto all = of(file_name(key));
  if (all.empty()) return answer(Agreed{});
  auto left = std::make_shared<std::size_t>(all.size());
  auto gone = std::make_shared<Answer>(std::move(answer));
  for (auto* entry : all)
    entry->waiting.push_back([left, gone](const Reply&) {
      if (--*left == 0) (*gone)(Agreed{});
    });
  for (auto* entry : all) entry->command->end(grace);
}

// All that run are here: adopt_all() was the first this keeper did.
std::vector<Commands::Entry*> Commands::of(const std::string& name) {
  std::vector<Entry*> out;
  for (auto& [one, entry] : running_)
    if (one == name || one.starts_with(name + "-")) out.push_back(&entry);
  return out;
}

void Commands::end_those_of_providers() {
  for (auto& [name, entry] : running_)
    if (name.contains('-')) entry.command->end(std::chrono::seconds(1));
}

void Commands::begin(const std::string& name, const Command& spec, Answer answer) {
  auto folder = spool_.file(name);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return answer(system_error("making " + folder));
  auto started = start(spec, folder, boot_);
  if (!started) return answer(started.error());
  auto& entry = running_[name];
  entry.waiting.push_back(std::move(answer));
  entry.command = std::make_unique<RunningCommand>(
      loop_,
      RunningCommand::Setup{family_of(started->begun, folder), std::move(started->output), masker_of(spec.masked),
                            KeptOutput(folder + "/out", spec.keep_output), started->begun},
      [this, name, pid = started->pid](const Ended& ended) { done(name, pid, ended); });
  entry.command->watch_child();
}

// Its end will be seen but not its exit code; and its secrets are not known here, so what it says from now on is read,
// that it need not wait, and thrown away.
Commands::Entry& Commands::adopt(const std::string& name, const Begun& begun) {
  auto folder = spool_.file(name);
  say_that_output_is_lost(folder);
  auto& entry = running_[name];
  entry.command = std::make_unique<RunningCommand>(
      loop_,
      RunningCommand::Setup{family_of(begun, folder), reopen_output(begun.process.pid), Masker({}),
                            KeptOutput("/dev/null", 0), begun},
      [this, name, pid = begun.process.pid](const Ended& ended) { done(name, pid, ended); });
  entry.command->watch_stranger();
  return entry;
}

// A child that did not begin found `begun` there (a child of the keeper before us was faster) or could not write it.
void Commands::done(const std::string& name, pid_t pid, Ended ended) {
  auto entry = running_.extract(name);
  auto begun = ended.exit_code == kDidNotBegin ? read_begun(spool_.file(name)) : Begun{{pid, 0, {}}};
  if (begun && begun->process.pid != pid) {
    for (auto& answer : entry.mapped().waiting) wait_for(name, std::move(answer));
    return;
  }
  auto reply = begun ? record(name, ended) : Reply(not_started(spool_.file(name)));
  for (auto& answer : entry.mapped().waiting) answer(reply);
}

Reply Commands::record(const std::string& name, const Ended& ended) {
  bool written = replace_file(spool_.file(name) + "/exit", to_text(ended), 0600, Sync::no).has_value();
  if (!written) unrecorded_[name] = ended;
  return ended;
}

void Commands::adopt_all() {
  std::unique_ptr<DIR, int (*)(DIR*)> root(::opendir(spool_.file("").c_str()), ::closedir);
  while (const auto* entry = root ? ::readdir(root.get()) : nullptr)
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') running(entry->d_name);
}

}  // namespace davy::io
