#include "providers/probe/command.h"

#include "base/text.h"
#include "providers/probe/json_value.h"
#include "providers/shell.h"

namespace davy::providers {

ports::CommandSpec request(const CommandProbe& o, const ports::Asking& who) { return shell(o.text, o.cwd, who); }

Result<ports::Observation> observed(const CommandProbe& o, const ports::CommandEnd& end) {
  if (end.timed_out) return fail(Code::timed_out, "the command " + how(end));
  if (!end.known()) return fail(Code::unavailable, "nobody saw the end of the command");
  auto text = std::string(trimmed(end.output));
  ports::Observation out{.ok = end.exit_code == 0, .says = how(end), .numbers = {{"time", seconds(end.took)}}};
  if (!out.ok) out.unwell.emplace_back("exit");
  if (end.exit_code) out.numbers["exit"] = *end.exit_code;
  out.words = {{"exit", end.exit_code ? std::to_string(*end.exit_code) : "signal"}, {"output", text}};
  o.json.empty() ? take_as_text(out, text, o.unit) : look_inside(out, text, o.json, o.unit, "what it prints");
  out.evidence = spec::object({{"output", {}, spec::text(printable(end.output.substr(0, 2000), true))}});
  return out;
}

// What the shell says of a program that it cannot find or begin (POSIX, 2.8.2): nothing was looked at.
static bool is_not_there(const ports::CommandEnd& end) { return end.exit_code == 126 || end.exit_code == 127; }

ports::Task<ports::Observation> perform(CommandProbe o, ports::Outside& out, ports::Asking who) {
  auto end = co_await out.process.ask(request(o, who));
  if (!end) co_return std::unexpected(end.error());
  if (is_not_there(*end) && !who.wants.contains("exit")) co_return fail(Code::unavailable, how(*end));
  co_return observed(o, *end);
}

static void fit(const CommandProbe& o, spec::Findings& finds) {
  if (o.json.empty()) std::erase_if(finds.all, [](auto& one) { return one.name == "count"; });
}

void add_command_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<CommandProbe>("command", "Runs a command; well is exit 0.",
                        "{ command: ./queue --status, json: waiting, expect: value < 100 }", perform,
                        {{"value", spec::kOwn, "what it prints, or what stands at `json` in that: a number or a text"},
                         {"count", Unit::none, "how many there are at `json`, where that is a list or a map"},
                         {"output", spec::kWord, "all that it prints"},
                         {"exit", Unit::none, "its exit status"},
                         {"time", Unit::seconds, "how long it took"}},
                        fit);
}

}  // namespace davy::providers
