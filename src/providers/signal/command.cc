#include "providers/signal/command.h"

#include "providers/shell.h"

namespace davy::providers {
namespace {

class Command final : public SteadySource {
 public:
  Command(CommandSignal o, ports::Outside& out, ports::Asking who)
      : SteadySource(out), o_(std::move(o)), who_(std::move(who)) {}

 private:
  ports::Task<judge::Window> read(std::optional<Time>) override {
    auto end = co_await out_.process.ask(shell(o_.text, o_.cwd, who_));
    if (!end) co_return std::unexpected(end.error());
    co_return observed(o_, *end);
  }

  CommandSignal o_;
  ports::Asking who_;
};

}  // namespace

Result<judge::Window> observed(const CommandSignal& o, const ports::CommandEnd& end) {
  if (end.timed_out) return fail(Code::timed_out, "the command " + how(end));
  if (!end.known()) return fail(Code::unavailable, "nobody saw the end of the command");
  if (end.exit_code != 0) return fail(Code::unavailable, "the command: " + how(end));
  auto seen = signals::read_output(end.output, o.output, o.json);
  if (!seen) return std::unexpected(seen.error());
  judge::Window out;
  for (auto& [name, number] : seen->numbers)
    if (auto base = spec::in_base(number, o.unit.of(name))) out.numbers[name][""] = *base;
  for (auto& [name, word] : seen->words) out.states[name][""] = word;
  return out;
}

Result<std::unique_ptr<ports::Source>> command_source(CommandSignal o, ports::Outside& out, ports::Asking who) {
  return std::make_unique<Command>(std::move(o), out, std::move(who));
}

void add_command_signal(ports::Registry& r) {
  r.source<CommandSignal>("command", "What a command of yours prints.", "{ command: ./queue-length, every: 10s }",
                          command_source,
                          {{"", spec::kOwn, "the number or the word that it prints"},
                           {"*", spec::kOwn, "what it prints by name: `name=value` lines, or JSON"}});
}

}  // namespace davy::providers
