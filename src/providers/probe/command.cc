#include "providers/probe/command.h"

#include "base/text.h"
#include "providers/shell.h"
#include "signals/metrics/readout.h"

namespace davy::providers {

ports::CommandSpec request(const CommandProbe& o, const ports::Asking& who) { return shell(o.text, o.cwd, who); }

Result<ports::Observation> observed(const CommandProbe& o, const ports::CommandEnd& end) {
  if (end.timed_out) return fail(Code::timed_out, "the command " + how(end));
  if (!end.known()) return fail(Code::unavailable, "nobody saw the end of the command");
  auto text = std::string(trimmed(end.output));
  ports::Observation out{.ok = end.exit_code == 0, .says = how(end), .numbers = {{"time", seconds(end.took)}}};
  if (end.exit_code) out.numbers["exit"] = *end.exit_code;
  out.words = {{"exit", end.exit_code ? std::to_string(*end.exit_code) : "signal"}, {"output", text}, {"value", text}};
  if (auto found = signals::quantity(text))
    if (auto number = spec::in_base(*found, o.unit)) out.numbers["value"] = *number;
  out.evidence = spec::object({{"output", {}, spec::text(printable(end.output.substr(0, 2000), true))}});
  return out;
}

ports::Task<ports::Observation> perform(CommandProbe o, ports::Outside& out, ports::Asking who) {
  auto end = co_await out.process.ask(request(o, who));
  if (!end) co_return std::unexpected(end.error());
  co_return observed(o, *end);
}

static std::optional<spec::Measured> measured(const CommandProbe& o, std::string_view name) {
  if (name == "value") return spec::Measured{o.unit.unit, true};
  return spec::among({{"time", spec::Unit::seconds}, {"exit", spec::Unit::none}}, name);
}

void add_command_probe(ports::Registry& r) {
  r.probe<CommandProbe>(
      "command", "Runs a command; well is exit 0.", "{ command: npm test }", perform, {"numbers"},
      [](const CommandProbe&) { return std::vector<std::string>{"exit", "output", "time", "value"}; });
  r.measured<CommandProbe>("probe", "command", measured);
}

}  // namespace davy::providers
