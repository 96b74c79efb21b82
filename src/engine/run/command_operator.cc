#include <fmt/format.h>

#include "engine/run/operators.h"

namespace davy::engine {
namespace {

constexpr std::size_t kTail = 2000;  // bytes of output that go into the journal; all of it lies in the spool

struct CommandOperator : ports::Operator {
  explicit CommandOperator(Surroundings& s) : s(s) {}
  Surroundings& s;

  // `status` of a migration: what stood before is what its undo returns to.
  ports::Task<spec::Value> prepare(const run::Attempt& a, const run::Call& call) override {
    auto text = argument<std::string>(call, "status");
    if (text.empty()) co_return spec::Value{};
    auto end = co_await s.outside.process.ask(command(s.asking(a), call, text));
    if (!end) co_return std::unexpected(end.error());
    auto was = ended(*end);
    if (was.outcome != run::Outcome::ok)
      co_return fail(Code::unavailable, "its state before cannot be told: `status`: " + was.says);
    co_return spec::object({{"state", {}, spec::text(std::string(trimmed(end->output)))}});
  }

  // launch() of a key that began already waits for its end, so start and resume differ in nothing but what an attempt
  // that never began means: after a crash it was not begun, and begins now.
  asio::awaitable<ports::Done> start(const run::Attempt& a, const run::Call& call) override {
    auto asking = s.asking(a);
    if (auto state = a.found.find("state")) asking.variables["schema_before"] = spec::scalar_text(*state).value_or("");
    co_return ended(
        co_await s.outside.process.launch(asking.key, command(asking, call, argument<std::string>(call, "text"))));
  }
  asio::awaitable<ports::Done> resume(const run::Attempt& a, const run::Call& call) override {
    auto end = co_await s.outside.process.find(s.asking(a).key);
    if (end && !*end) co_return co_await start(a, call);
    if (!end) co_return ended(std::unexpected(end.error()));
    co_return ended(**end);
  }
  asio::awaitable<ports::Done> stop(const run::Attempt& a, const run::Call&) override { return s.end_commands(a); }

 private:
  static ports::CommandSpec command(const ports::Asking& asking, const run::Call& call, std::string text) {
    return {.argv = {"/bin/sh", "-c", std::move(text)},
            .env = asking.variables,
            .secret_env = asking.secrets,
            .cwd = ports::beside(asking.directory, argument<std::string>(call, "cwd")),
            .timeout = asking.timeout};
  }
  static ports::Done ended(const Result<ports::CommandEnd>& end) {
    if (!end) return done(std::unexpected(end.error()));
    auto tail = end->output.size() > kTail ? "…" + end->output.substr(end->output.size() - kTail) : end->output;
    spec::Map evidence{{"output", {}, spec::text(tail)}, {"log", {}, spec::text(end->output_path)}};
    if (end->exit_code) evidence.push_back({"exit", {}, spec::number(*end->exit_code)});
    if (end->signal) evidence.push_back({"signal", {}, spec::number(*end->signal)});
    ports::Done out{run::Outcome::ok, "", spec::object(std::move(evidence))};
    if (!end->known()) return out.outcome = run::Outcome::unknown, out.says = "nobody saw its end", out;
    if (end->exit_code == 0) return out;
    out.outcome = run::Outcome::failed;
    out.says = end->timed_out ? "its time was over"
               : end->signal  ? fmt::format("killed by signal {}", *end->signal)
                              : fmt::format("exit {}", *end->exit_code);
    auto last = trimmed(end->output);
    if (auto line = last.substr(last.rfind('\n') + 1); !line.empty()) out.says += ": " + printable(line.substr(0, 200));
    return out;
  }
};

}  // namespace

std::unique_ptr<ports::Operator> command_operator(Surroundings& s) { return std::make_unique<CommandOperator>(s); }

}  // namespace davy::engine
