#include "providers/probe/machine/systemd.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"
#include "providers/shell.h"

namespace davy::providers {
namespace {

constexpr const char* kAsked =
    "LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,MainPID,MemoryCurrent,ActiveEnterTimestampMonotonic";

using Shown = std::map<std::string_view, std::string_view>;

Shown shown(std::string_view output) {
  Shown out;
  for (auto line : split(output, '\n'))
    if (auto equals = line.find('='); equals != line.npos) out[line.substr(0, equals)] = line.substr(equals + 1);
  return out;
}

// What systemd does not count it shows as [not set], or as the greatest number there is.
std::optional<double> number(const Shown& all, std::string_view key) {
  auto found = all.find(key);
  if (found == all.end()) return {};
  std::uint64_t n = 0;
  auto end = found->second.data() + found->second.size();
  auto [at, error] = std::from_chars(found->second.data(), end, n);
  if (error != std::errc{} || at != end || n == std::numeric_limits<std::uint64_t>::max()) return {};
  return static_cast<double>(n);
}

std::string word(const Shown& all, std::string_view key) {
  auto found = all.find(key);
  return found == all.end() ? "" : printable(found->second.substr(0, 80));
}

// "active (running) for 3h", "failed (failed): exit-code".
std::string in_words(const std::string& unit, ports::Observation& o) {
  auto& w = o.words;
  if (w["load"] == "not-found") return "systemd knows no unit " + unit;
  auto out = fmt::format("{} is {} ({})", unit, w["value"], w["state"]);
  if (o.ok && o.numbers.contains("uptime"))
    out += " for " + human(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(o.numbers["uptime"])));
  if (!o.ok && !w["result"].empty() && w["result"] != "success") out += ": " + w["result"];
  return out;
}

std::optional<Duration> machine_uptime(ports::Files& files) {
  auto text = files.read("/proc/uptime");
  double length = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), length).ec != std::errc{}) return {};
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(length));
}

}  // namespace

bool fit_together(const SystemdProbe& o, const spec::Value& v, spec::Diagnostics& d) {
  bool odd = o.unit.empty() || o.unit.starts_with('-') || o.unit.find_first_of(" \t\n*?[") != o.unit.npos;
  if (odd)
    d.add(v.find("systemd") ? v.find("systemd")->mark : v.mark, "`" + printable(o.unit) + "` as a unit",
          "one unit: postgresql, backup.timer");
  return !odd;
}

ports::CommandSpec request(const SystemdProbe& o, const ports::Asking& who) {
  std::vector<std::string> argv{"systemctl"};
  if (o.user) argv.emplace_back("--user");
  argv.insert(argv.end(), {"show", "--no-pager", std::string("--property=") + kAsked, "--", o.unit});
  return {.argv = std::move(argv), .env = {{"LC_ALL", "C"}}, .timeout = who.timeout};
}

Result<ports::Observation> observed(const SystemdProbe& o, const ports::CommandEnd& end,
                                    std::optional<Duration> uptime) {
  if (end.timed_out) return fail(Code::timed_out, "systemctl " + how(end));
  if (end.exit_code != 0) return fail(Code::unavailable, "systemctl: " + how(end), "does systemd run on this machine?");
  auto all = shown(end.output);
  if (!all.contains("ActiveState") || !all.contains("LoadState"))
    return fail(Code::invalid, "systemctl does not say how " + o.unit + " is");
  ports::Observation out{.ok = all["ActiveState"] == "active", .unwell = {"value"}};
  for (auto [name, key] : {std::pair{"value", "ActiveState"},
                           {"state", "SubState"},
                           {"load", "LoadState"},
                           {"enabled", "UnitFileState"},
                           {"result", "Result"}})
    out.words[name] = word(all, key);
  for (auto [name, key] : {std::pair{"restarts", "NRestarts"}, {"pid", "MainPID"}, {"memory", "MemoryCurrent"}})
    if (auto n = number(all, key)) out.numbers[name] = *n;
  auto since = number(all, "ActiveEnterTimestampMonotonic");
  if (!out.ok) out.numbers["uptime"] = 0;
  if (out.ok && uptime && since && *since > 0) out.numbers["uptime"] = std::max(0.0, seconds(*uptime) - *since / 1e6);
  out.says = in_words(o.unit, out);
  return out;
}

ports::Task<ports::Observation> perform(SystemdProbe o, ports::Outside& out, ports::Asking who) {
  auto end = co_await out.process.ask(request(o, who));
  if (!end) co_return std::unexpected(end.error());
  co_return observed(o, *end, machine_uptime(out.files));
}

void add_systemd_probe(ports::Registry& r) {
  using spec::Unit;
  r.probe<SystemdProbe>("systemd", "Looks at a unit of systemd; well is active.",
                        "{ systemd: postgresql, expect: restarts = 0 }", perform,
                        {{"value", spec::kWord, "active, inactive, failed, activating, deactivating or reloading"},
                         {"state", spec::kWord, "running, exited, dead, listening …: what its kind of unit has"},
                         {"load", spec::kWord, "loaded, not-found, masked …"},
                         {"enabled", spec::kWord, "enabled, disabled, static, masked …"},
                         {"result", spec::kWord, "success, exit-code, oom-kill …: how it ended last"},
                         {"uptime", Unit::seconds, "since it is active; 0s while it is not"},
                         {"restarts", Unit::none, "how often systemd restarted it by itself"},
                         {"memory", Unit::bytes, "what it uses, where systemd counts it"},
                         {"pid", Unit::none, "of its main process; 0: there is none"}});
}

}  // namespace davy::providers
