#include "providers/platform/supervisor_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.h"

namespace davy::providers {
namespace {

using spec::Json;
using enum ProgramState;

constexpr std::pair<ProgramState, std::string_view> kStates[] = {
    {stopped, "STOPPED"},   {starting, "STARTING"}, {running, "RUNNING"}, {backoff, "BACKOFF"},
    {stopping, "STOPPING"}, {exited, "EXITED"},     {fatal, "FATAL"},     {unknown, "UNKNOWN"}};

constexpr std::string_view kAll = "all", kGroup = ":*";

std::string name_in(const std::string& group, const std::string& name) {
  return group == name ? name : group + ":" + name;
}

std::string text_at(const Json& from, const char* key) {
  auto it = from.find(key);
  return it != from.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::optional<std::int64_t> number_at(const Json& from, const char* key) {
  auto it = from.find(key);
  return it != from.end() && it->is_number_integer() ? std::optional(it->get<std::int64_t>()) : std::nullopt;
}

std::unexpected<Error> not_as_said(std::string what) {
  return fail(Code::invalid, "supervisord answers " + std::move(what), "`supervisord --version` says 3.0 or later?");
}

ProgramState state_of(std::int64_t code) {
  for (auto [state, name] : kStates)
    if (static_cast<std::int64_t>(state) == code) return state;
  return unknown;
}

// Both are 32-bit numbers of seconds. Its clock may have been set back since: then it is nothing.
Duration between(std::int64_t from, std::int64_t to) {
  bool sane = from >= 0 && from <= to && to <= INT32_MAX;
  return std::chrono::seconds(sane ? to - from : 0);
}

Result<Program> program_of(const Json& from) {
  if (!from.is_object()) return not_as_said("with a program that is none");
  Program out{.group = text_at(from, "group"), .name = text_at(from, "name")};
  auto state = number_at(from, "state"), now = number_at(from, "now");
  if (out.name.empty() || !state || !now) return not_as_said("with a program that has no name, state or time");
  out.state = state_of(*state);
  out.spawn_error = text_at(from, "spawnerr");
  out.pid = std::max<std::int64_t>(0, number_at(from, "pid").value_or(0));
  out.exit_code = number_at(from, "exitstatus").value_or(0);
  auto moment = number_at(from, out.state == exited ? "stop" : "start").value_or(*now);
  out.since = between(moment, *now);
  out.dated = moment <= *now;
  out.stdout_log = text_at(from, "stdout_logfile"), out.stderr_log = text_at(from, "stderr_logfile");
  return out;
}

bool is_chosen(const Program& p, std::string_view which) {
  if (which == kAll) return true;
  if (which.ends_with(kGroup)) return p.group == which.substr(0, which.size() - kGroup.size());
  return full_name(p) == which || which == p.group + ":" + p.name;
}

// All that could have been said: names, and groups of which the name alone is nobody's.
std::set<std::string> sayable(const std::vector<Program>& all) {
  std::set<std::string> out;
  for (auto& p : all) {
    out.insert(full_name(p));
    if (p.group != p.name) out.insert(p.group + std::string(kGroup));
  }
  return out;
}

// supervisorctl, too, wants `web:*` for the group `web`.
std::string meant_perhaps(const std::set<std::string>& names, std::string_view which) {
  for (auto& name : names)
    if (name == std::string(which) + std::string(kGroup) || name.ends_with(":" + std::string(which))) return name;
  std::vector<std::string_view> valid(names.begin(), names.end());
  return nearest(which, valid);
}

std::string named(const std::set<std::string>& names) {
  constexpr std::size_t kShown = 10;
  std::vector<std::string> shown;
  for (auto& name : names)
    if (shown.size() < kShown) shown.push_back(printable(name));
  auto more = names.size() > kShown ? fmt::format(" and {} more", names.size() - kShown) : "";
  return joined(shown, ", ") + more;
}

}  // namespace

std::string rpc_url(std::string_view server) {
  constexpr std::string_view kUnix = "unix://";
  if (server.starts_with(kUnix)) server.remove_prefix(kUnix.size());
  if (server.starts_with('/')) return "http+unix://" + percent_encoded(server) + "/RPC2";
  while (server.ends_with('/')) server.remove_suffix(1);
  return std::string(server) + (server.ends_with("/RPC2") ? "" : "/RPC2");
}

std::string_view word(ProgramState state) {
  for (auto [known, name] : kStates)
    if (known == state) return name;
  return "UNKNOWN";
}

bool Program::is_down() const {
  constexpr Duration kStaysEnded =
      std::chrono::seconds(2);  // supervisord looks once a second whether to start it again
  return state == stopped || state == fatal || (state == exited && (since >= kStaysEnded || !dated));
}

std::string full_name(const Program& p) { return name_in(p.group, p.name); }

std::string says(const Program& p) {
  auto out = std::string(word(p.state));
  if (p.state == exited) return out + (p.exit_code < 0 ? " by a signal" : fmt::format(" with {}", p.exit_code));
  if (p.lives()) return fmt::format("{}, pid {}, for {}", out, p.pid, human(p.since));
  return p.spawn_error.empty() ? out : out + ": " + printable(p.spawn_error.substr(0, 200));
}

Result<std::vector<Program>> programs_of(const Json& answer) {
  if (!answer.is_array()) return not_as_said("with no list of programs");
  std::vector<Program> out;
  for (auto& one : answer) {
    auto program = program_of(one);
    if (!program) return std::unexpected(program.error());
    out.push_back(*std::move(program));
  }
  return out;
}

Result<std::vector<Program>> chosen(const std::vector<Program>& all, std::string_view which) {
  std::vector<Program> out;
  std::ranges::copy_if(all, std::back_inserter(out), [&](auto& p) { return is_chosen(p, which); });
  if (!out.empty()) return out;
  if (all.empty()) return fail(Code::invalid, "supervisor has no programs", "`supervisorctl update` reads new ones");
  auto names = sayable(all);
  auto meant = meant_perhaps(names, which);
  return fail(Code::invalid, fmt::format("supervisor has no program {}; it has {}", printable(which), named(names)),
              meant.empty() ? "`supervisorctl update` reads new ones" : "is `" + printable(meant) + "` meant?");
}

Result<Priorities> priorities_of(const Json& answer) {
  if (!answer.is_array()) return not_as_said("with no list of programs and their priorities");
  Priorities out;
  for (auto& one : answer) {
    if (!one.is_object()) return not_as_said("with the priority of no program");
    auto group = number_at(one, "group_prio"), own = number_at(one, "process_prio");
    if (group && own) out[name_in(text_at(one, "group"), text_at(one, "name"))] = {*group, *own};
  }
  return out;
}

Result<std::map<std::string, ProgramHome>> homes_of(const Json& answer) {
  if (!answer.is_array()) return not_as_said("with no list of programs and their commands");
  std::map<std::string, ProgramHome> out;
  for (auto& one : answer) {
    if (!one.is_object()) return not_as_said("with the command of no program");
    auto directory = text_at(one, "directory");
    if (directory == "none") directory.clear();  // its word for that there is none
    out[name_in(text_at(one, "group"), text_at(one, "name"))] = {printable(directory),
                                                                 printable(text_at(one, "command"))};
  }
  return out;
}

std::vector<std::vector<std::string>> in_order(const std::vector<Program>& programs, const Priorities& priorities) {
  constexpr Priority kUsual{999, 999};  // supervisord's own
  std::map<Priority, std::vector<std::string>> levels;
  for (auto& p : programs) {
    auto known = priorities.find(full_name(p));
    levels[known == priorities.end() ? kUsual : known->second].push_back(full_name(p));
  }
  std::vector<std::vector<std::string>> out;
  for (auto& [priority, names] : levels) out.push_back(std::move(names));
  return out;
}

}  // namespace davy::providers
