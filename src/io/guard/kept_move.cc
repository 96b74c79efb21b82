#include "io/guard/kept_move.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/text.h"
#include "io/guard/proof.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

using namespace std::chrono_literals;

constexpr Duration kGrace = 500ms;            // between TERM and KILL of a program that takes too long
constexpr std::uint64_t kKept = 1024 * 1024;  // of what an act says

bool is_folder(const std::string& path) {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

bool is_program(const std::string& path) {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) && ::access(path.c_str(), X_OK) == 0;
}

std::string path_for(const ports::Act& act) {
  if (auto own = act.env.find("PATH"); own != act.env.end()) return own->second;
  const char* ours = ::getenv("PATH");
  return ours ? ours : "/bin:/usr/bin";
}

// As execvp will look for it, from the folder where it will run.
bool can_be_found(const ports::Act& act) {
  const auto& program = act.argv.front();
  auto from = act.cwd.empty() ? std::string() : act.cwd + "/";
  if (program.contains('/')) return is_program(program.front() == '/' ? program : from + program);
  return std::ranges::any_of(split(path_for(act), ':'), [&](std::string_view folder) {
    return is_program(std::string(folder) + "/" + program) || is_program(from + std::string(folder) + "/" + program);
  });
}

Result<> can_be_run(const ports::Act& act, const SecretValues& secrets) {
  if (!act.address.empty()) return {};
  if (act.argv.empty() || act.argv[0].empty())
    return fail(Code::invalid, "one of its acts has neither socket nor program");
  if (!act.cwd.empty() && !is_folder(act.cwd)) return fail(Code::invalid, act.cwd + " is no folder");
  if (!can_be_found(act)) return fail(Code::invalid, fmt::format("there is no program `{}`", act.argv[0]));
  for (const auto& [variable, secret] : act.secret_env)
    if (!secrets.contains(secret.name)) return fail(Code::invalid, fmt::format("secret {} has no value", secret.name));
  return {};
}

bool was_carried_out(const Ended& end) { return end.exit_code != kNotReached && end.exit_code != kNoProgram; }

}  // namespace

KeptMove::KeptMove(PollLoop& loop, ports::Move move, const SecretValues& secrets, PlanFolder folder,
                   std::function<void()> changed)
    : loop_(loop),
      move_(std::move(move)),
      secrets_(secrets),
      folder_(std::move(folder)),
      changed_(std::move(changed)) {}

KeptMove::~KeptMove() { loop_.cancel(pause_); }

bool KeptMove::has_secrets() const {
  auto known = [&](const ports::Act& act) {
    return std::ranges::all_of(act.secret_env, [&](const auto& one) { return secrets_.contains(one.second.name); });
  };
  return known(move_.proof) && std::ranges::all_of(move_.acts, known);
}

Result<> KeptMove::can_be_run() const {
  if (!move_.host.empty()) return fail(Code::invalid, "the keeper reaches no other host than this");
  if (move_.acts.empty()) return fail(Code::invalid, "it has no acts");
  if (auto good = check_proof(move_.expect, move_.lacks); !good) return good;
  for (const auto& act : move_.acts) {
    if (auto good = can_be_run(act); !good) return good;
    if (act.expect.empty()) continue;
    if (auto good = check_proof({act.expect}, {}); !good) return good;
  }
  return can_be_run(move_.proof);
}

Result<> KeptMove::can_be_run(ports::Act act) const {
  act.cwd = folder_.standing(act.cwd);
  return io::can_be_run(act, secrets_);
}

void KeptMove::find_working(bool rehearse, std::function<void(Result<>)> found) {
  if (auto good = can_be_run(); !good) return found(good);
  found_ = std::move(found);
  rehearsing_ = rehearse;
  rehearse ? begin(0) : prove();
}

void KeptMove::take() {
  if (std::exchange(wanted_, true) || done_ || busy()) return;
  if (has_secrets()) return begin(0);
  why_ = "the keeper was restarted and was not given its secrets again";
  changed_();
}

void KeptMove::rest() {
  wanted_ = false;
  loop_.cancel(pause_);
}

// An act that fails ends this row of acts. The proof is asked all the same: it alone tells.
void KeptMove::begin(std::size_t i) {
  if (i == 0) failed_act_.clear(), unworkable_.clear();
  if (i == move_.acts.size()) return prove();
  ask(move_.acts[i], RunningCommand::Rest::goes_on, [this, i](const Came& came) {
    touched_ |= !found_ && was_carried_out(came.end);  // a rehearsal moves nobody
    failed_act_ = what_failed(move_.acts[i], came);
    if (came.end.exit_code != 0) unworkable_ = how(move_.acts[i], came);
    bool good = failed_act_.empty();
    changed_();
    if (!wanted_ && !found_) return;
    good ? begin(i + 1) : prove();
  });
}

std::string KeptMove::what_failed(const ports::Act& act, const Came& came) const {
  if (came.end.exit_code != 0) return how(act, came);
  bool goes_on = act.expect.empty() || holds(came.output, {act.expect}, {});
  return goes_on ? "" : "it takes nobody away as long as that is so";
}

void KeptMove::prove() {
  answered_.clear();
  ask(move_.proof, RunningCommand::Rest::is_ended, [this](const Came& came) {
    if (came.end.exit_code != 0) return ended(fail(Code::unavailable, how(move_.proof, came)));
    bool any_answer_will_do = found_ && !rehearsing_;
    ended(any_answer_will_do ? Result<>() : proven(came.output));
  });
}

// People are told what it means; the expression and the answer are for the log, and for whoever finds that it cannot be
// armed: there the plan is to be mended.
Result<> KeptMove::proven(const std::string& answer) {
  auto held = holds(answer, move_.expect, move_.lacks);
  if (held) return held;
  bool missing = !holds(answer, move_.expect, {});
  auto& words = missing ? move_.missing : move_.left;
  if (words.empty()) return held;
  auto answered = std::exchange(held.error().message, words);
  if (found_)
    held.error().message += " (" + answered + ")";
  else
    answered_ = std::move(answered);
  return held;
}

void KeptMove::ended(Result<> held) {
  if (!held && !failed_act_.empty())
    held.error().message =
        answered_.empty() ? failed_act_ + "; " + held.error().message : held.error().message + "; " + failed_act_;
  if (found_ && rehearsing_ && held && !unworkable_.empty()) held = fail(Code::unavailable, unworkable_);
  if (auto found = std::exchange(found_, {})) return found(std::move(held));
  done_ = held.has_value();
  if (!done_) why_ = held.error().message;
  if (!done_ && wanted_) pause();
  changed_();
}

// Once a second, then slower.
void KeptMove::pause() {
  auto seconds = std::clamp(++tries_ - 4, 1, 5);
  loop_.cancel(pause_);
  pause_ = loop_.after(std::chrono::seconds(seconds), [this] {
    pause_ = {};
    if (std::exchange(wanted_, false)) take();
  });
}

void KeptMove::ask(const ports::Act& act, RunningCommand::Rest rest, std::function<void(Came)> came) {
  auto done = [this, came = std::move(came)](const Ended& end) {
    auto child = std::exchange(child_, nullptr);
    came({end, child->output()});
  };
  Command command{.argv = act.argv, .env = act.env, .secret_env = {}, .masked = secrets_};
  command.cwd = folder_.standing(act.cwd);
  for (const auto& [variable, secret] : act.secret_env)
    if (auto known = secrets_.find(secret.name); known != secrets_.end())
      command.secret_env.emplace(variable, known->second);
  command.timeout = move_.within;
  command.grace = kGrace;
  command.keep_output = kKept;
  auto child = act.address.empty()
                   ? ask_program(loop_, command, rest, std::move(done))
                   : ask_socket(loop_, {act.address, act.text, move_.within, secrets_}, std::move(done));
  wipe(command);
  if (child)
    child_ = std::move(*child);
  else
    ended(std::unexpected(child.error()));
}

std::string KeptMove::how(const ports::Act& act, const Came& came) const {
  auto said = trimmed(came.output);
  auto line = printable(said.substr(said.rfind('\n') + 1).substr(0, 160));  // npos + 1: the only line
  if (!act.address.empty() && !came.end.timed_out) return line;
  auto name = act.address.empty() ? "`" + printable(act.argv.back().substr(0, 80)) + "`" : act.address;
  auto end = came.end.timed_out   ? fmt::format("{} was not done after {}", name, human(move_.within))
             : came.end.exit_code ? fmt::format("{} failed with exit {}", name, *came.end.exit_code)
             : came.end.signal    ? fmt::format("{} was ended by signal {}", name, *came.end.signal)
                                  : name + " ended, and nobody saw how";
  return line.empty() ? end : end + ": " + line;
}

}  // namespace davy::io
