#include "engine/run/command_end.h"
#include "engine/run/operators.h"

namespace davy::engine {
namespace {

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
};

}  // namespace

std::unique_ptr<ports::Operator> command_operator(Surroundings& s) { return std::make_unique<CommandOperator>(s); }

}  // namespace davy::engine
