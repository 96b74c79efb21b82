#include <fmt/format.h>

#include "engine/migrations/child.h"
#include "engine/run/command_end.h"

namespace davy::engine {
namespace {

struct CommandOperator : ports::Operator {
  explicit CommandOperator(Surroundings& s) : s(s) {}
  Surroundings& s;

  // `status` of a migration: what stood before is what its undo returns to.
  ports::Task<spec::Value> prepare(const run::Attempt& a, const run::Call& call) override {
    spec::Map found;
    if (call.args.find("database")) {
      auto guard = co_await ask_for_lock_timeout(s.outside.process, s.asking(a), call);
      if (!guard) co_return std::unexpected(guard.error());
      found.push_back({"lock-timeout", {}, std::move(*guard)});
    }
    auto text = argument<std::string>(call, "status");
    if (text.empty()) co_return found.empty() ? spec::Value{} : spec::object(std::move(found));
    auto end = co_await s.outside.process.ask(command(s.asking(a), call, text));
    if (!end) co_return std::unexpected(end.error());
    auto was = ended(*end);
    if (was.outcome != run::Outcome::ok)
      co_return fail(Code::unavailable, "its state before cannot be told: `status`: " + was.says);
    found.push_back({"state", {}, spec::text(std::string(trimmed(end->output)))});
    co_return spec::object(std::move(found));
  }

  // launch() of a key that began already waits for its end, so start and resume differ in nothing but what an attempt
  // that never began means: after a crash it was not begun, and begins now.
  asio::awaitable<ports::Done> start(const run::Attempt& a, const run::Call& call) override {
    auto asking = s.asking(a);
    if (auto state = a.found.find("state")) asking.variables["schema_before"] = spec::scalar_text(*state).value_or("");
    auto spec = command(asking, call, argument<std::string>(call, "text"));
    auto guard = a.found.find("lock-timeout");
    if (auto options = guard ? guard->find("pgoptions") : nullptr; options && options->text())
      if (!options->text()->empty()) spec.env["PGOPTIONS"] = *options->text();
    co_return without_lock_timeout(guard, ended(co_await s.outside.process.launch(asking.key, std::move(spec))));
  }
  asio::awaitable<ports::Done> resume(const run::Attempt& a, const run::Call& call) override {
    auto end = co_await s.outside.process.find(s.asking(a).key);
    if (end && !*end) co_return co_await start(a, call);
    if (!end) co_return ended(std::unexpected(end.error()));
    co_return ended(**end);
  }
  asio::awaitable<ports::Done> stop(const run::Attempt& a, const run::Call&) override { return s.end_commands(a); }

 private:
  // Where what stands before the server keeps the settings back, people are told: all others may have waited.
  static ports::Done without_lock_timeout(const spec::Value* guard, ports::Done end) {
    auto holds = guard ? guard->find("holds") : nullptr;
    auto says = guard ? guard->find("says") : nullptr;
    auto held = holds ? std::get_if<bool>(&holds->is) : nullptr;
    if (!held || *held || !says || !says->text()) return end;
    end.says += (end.says.empty() ? "" : "; ") + *says->text();
    return end;
  }
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
