#include "providers/platform/systemd_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::providers {
namespace {

using ports::UnitState;

constexpr std::string_view kService = ".service";

std::string_view without_kind(std::string_view unit) {
  if (unit.ends_with(kService)) unit.remove_suffix(kService.size());
  return unit;
}

spec::Mark mark_of(const spec::Value& given, std::string_view key) {
  auto found = given.find(key);
  return found ? found->mark : given.mark;
}

// systemd.unit(5): what may stand in a name; and only services are run.
bool is_service(std::string_view unit) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(":-_.\\@").contains(c);
  };
  auto name = without_kind(unit);
  constexpr std::string_view kOthers[] = {".socket", ".timer", ".target", ".mount", ".path", ".slice", ".scope"};
  bool other = std::ranges::any_of(kOthers, [&](auto kind) { return unit.ends_with(kind); });
  return !name.empty() && name.size() < 200 && name.front() != '-' && name.front() != '@' && !other &&
         std::ranges::all_of(name, fits) && std::ranges::count(name, '@') <= 1;
}

// clang-format off
enum class End { exited = 1, killed = 2, dumped = 3 };  // as waitid(2) has them
// clang-format on

std::string how_it_ended(const UnitState& u) {
  if (u.ended == static_cast<int>(End::exited) && u.status != 0) return fmt::format("exit {}", u.status);
  if (u.ended == static_cast<int>(End::killed)) return fmt::format("signal {}", u.status);
  if (u.ended == static_cast<int>(End::dumped)) return fmt::format("signal {}, with a core dump", u.status);
  if (!u.result.empty() && u.result != "success") return u.result;
  return u.ended == static_cast<int>(End::exited) ? "exit 0" : "its process is gone";
}

// What its end does not tell.
std::string and_result(const UnitState& u) {
  constexpr std::string_view kSaid[] = {"", "success", "exit-code", "signal", "core-dump"};
  if (std::ranges::find(kSaid, u.result) != std::end(kSaid) || how_it_ended(u) == u.result) return "";
  return " (" + u.result + ")";
}

}  // namespace

bool fit_together(const SystemdOptions& o, const spec::Value& given, spec::Diagnostics& d) {
  if (!is_service(o.unit))
    return d.add(mark_of(given, "systemd"), "`" + printable(o.unit) + "` as a service of systemd",
                 "its name, such as shop or shop.service; or a template, shop@"),
           false;
  if (is_template(o.unit)) {
    if (o.ports.last - o.ports.first + 1 >= o.instances.n) return true;
    return d.add(mark_of(given, "ports"), fmt::format("{} instances, and fewer ports", o.instances.n),
                 "a wider range, twice as many ports as instances"),
           false;
  }
  for (auto key : {"instances", "ports", "host"})
    if (given.find(key))
      return d.add(mark_of(given, key), fmt::format("`{}` of the unit {}, which there is once", key, o.unit),
                   fmt::format("a template, `systemd: {}@`, whose instances are named by their ports",
                               without_kind(o.unit))),
             false;
  return true;
}

std::optional<SystemdNote> note_in(const ports::Given& given) {
  auto json = spec::parse_json(given.note);
  auto note = json ? spec::decoded<SystemdNote>(spec::from_json(*json), "note") : fail(Code::invalid, "");
  return note ? std::optional(*std::move(note)) : std::nullopt;
}

bool is_template(std::string_view unit) { return without_kind(unit).ends_with('@'); }

std::string full_name(std::string_view unit) { return std::string(without_kind(unit)) + std::string(kService); }

std::string instance_name(std::string_view of_template, int port) {
  return fmt::format("{}{}{}", without_kind(of_template), port, kService);
}

ports::Gift gift(const SystemdNote& note, const ports::Place& at, const ports::Asking& who) {
  ports::Gift out{.note = spec::dump(spec::encode(note)), .variables = who.variables, .secrets = who.secrets};
  out.variables["version"] = note.version;
  out.variables["release"] = note.release;
  out.variables["service"] = at.service;
  out.variables["environment"] = at.environment;
  if (note.port == 0) return out;
  out.variables["port"] = std::to_string(note.port);
  out.variables["index"] = std::to_string(note.index);
  return out;
}

// `exited`: systemd keeps it active though its process is gone (RemainAfterExit=).
bool runs(const UnitState& u) { return (u.active == "active" || u.active == "reloading") && u.sub != "exited"; }

bool starts(const UnitState& u) { return u.active == "activating" && u.sub != "auto-restart"; }

bool lives(const UnitState& u) { return runs(u) || starts(u) || u.active == "deactivating"; }

bool is_down(const UnitState& u) { return !u.known() || u.active == "inactive" || u.active == "failed"; }

std::string says(const UnitState& u, Time now) {
  auto out = fmt::format("{} ({})", u.active, u.sub);
  if (u.pid > 0) out += fmt::format(", pid {}", u.pid);
  if (runs(u) && u.since > Time{} && now > u.since) out += ", for " + human(now - u.since);
  if (u.restarts > 0) out += fmt::format(", started {} more times by systemd", u.restarts);
  return lives(u) || u.ended == 0 ? out : out + ": " + how_it_ended(u);
}

std::string failure(const UnitState& u) {
  if (!u.known()) return "is not there: systemd knows no such unit";
  if (u.sub == "auto-restart") return "ended: " + how_it_ended(u) + ", and systemd starts it again";
  if (u.active == "failed") return "failed: " + how_it_ended(u) + and_result(u);
  if (u.active == "inactive") return u.ended == 0 ? "does not run" : "ended: " + how_it_ended(u);
  if (u.active == "active" && u.sub == "exited") return "ended, and systemd keeps it active (RemainAfterExit=)";
  return "";
}

std::string failure(const ports::JobEnd& end) {
  if (end.result == "dependency") return "was not started: a unit that it needs does not start";
  if (end.result == "canceled") return "was not started: somebody else told systemd otherwise meanwhile";
  if (end.result == "skipped") return "was not started: a condition of its own is not met";
  return "";
}

// Its processes' own lines: what systemd says of it stands in the message already.
ports::CommandSpec journal_request(ports::Manager manager, const std::string& unit, Time since) {
  auto whose = manager == ports::Manager::system ? "_SYSTEMD_UNIT=" : "_SYSTEMD_USER_UNIT=";
  return {.argv = {"journalctl", "--quiet", "--no-pager", "--output=cat", "--lines=20",
                   fmt::format("--since=@{:.6f}", seconds(since.time_since_epoch())), whose + unit},
          .env = {{"LC_ALL", "C"}},
          .timeout = std::chrono::seconds(5),
          .keep_output = 16 * 1024};
}

// Drop-ins are read by the names of their files.
Error not_loaded(const UnitState& u, const ports::Given& given) {
  auto ours = std::ranges::find(u.drop_ins, given.drop_in);
  std::string behind = ours == u.drop_ins.end() || std::next(ours) == u.drop_ins.end() ? "" : u.drop_ins.back();
  auto message = fmt::format("{} does not load what it is given for its release, {}", u.name, given.environment);
  if (ours == u.drop_ins.end())
    return {Code::invalid, message,
            "systemd does not read " + given.drop_in + ": is the unit masked, or linked elsewhere?"};
  return {
      Code::invalid, message,
      fmt::format("an empty `EnvironmentFile=`{} takes it away: leave that out, or write below it `EnvironmentFile={}`",
                  behind.empty() ? "" : " in " + printable(behind), given.environment)};
}

}  // namespace davy::providers
