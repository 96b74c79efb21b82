#include "providers/router/haproxy_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "base/text.h"

namespace davy::providers::haproxy {
namespace {

// srv_admin_state, from server-t.h: maintenance forced, inherited, by DNS, by host name; drain forced, inherited. The
// bit 0x04 says that the configuration file wanted maintenance: it stays when the server was made ready.
constexpr int kMaint = 0x01 | 0x02 | 0x20 | 0x40, kDrain = 0x08 | 0x10;
constexpr int kCheckConfigured = 0x02, kStopped = 0;

using Row = std::map<std::string_view, std::string_view>;

int number(const Row& row, std::string_view key) {
  auto it = row.find(key);
  int n = 0;
  if (it != row.end()) std::from_chars(it->second.data(), it->second.data() + it->second.size(), n);
  return n;
}

std::string_view word(const Row& row, std::string_view key) {
  auto it = row.find(key);
  return it == row.end() ? std::string_view() : it->second;
}

// Both tables begin with a line of column names, "# be_id be_name …" and "# pxname,svname,…", and end at an empty line.
std::optional<std::vector<Row>> table(std::string_view answer, std::string_view first_column, char between) {
  std::optional<std::vector<Row>> out;
  std::vector<std::string_view> columns;
  for (auto line : split(answer, '\n')) {
    if (line.starts_with("# ")) {
      columns = split(line.substr(2), between);
      if (columns.front() == first_column) out.emplace();
      continue;
    }
    if (trimmed(line).empty()) columns.clear();
    if (columns.empty() || columns.front() != first_column) continue;
    auto cells = split(line, between);
    if (cells.size() < columns.size()) return {};
    auto& row = out->emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) row[columns[i]] = cells[i];
  }
  return out;
}

std::string host_port(std::string_view host, std::string_view port) {
  return host.contains(':') ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

Server server(const Row& row) {
  Server s{.name = std::string(word(row, "srv_name")),
           .address = host_port(word(row, "srv_addr"), word(row, "srv_port"))};
  auto admin = number(row, "srv_admin_state");
  s.unchanged = number(row, "srv_time_since_last_change");
  s.weight = number(row, "srv_uweight");
  s.maint = admin & kMaint;
  s.drain = admin & kDrain;
  s.up = number(row, "srv_op_state") != kStopped;
  s.checked = number(row, "srv_check_state") & kCheckConfigured;
  return s;
}

void add_counters(Server& s, const Row& row) {
  s.sessions = number(row, "scur");
  s.backup = number(row, "bck");
  auto status = word(row, "check_status");
  if (status.starts_with("* ")) status.remove_prefix(2);  // a check is under way; this is the one before
  s.check = std::string(status);
  if (auto code = word(row, "check_code"); !code.empty() && code != "0") s.check += " " + std::string(code);
}

std::string set(std::string_view backend, std::string_view server, std::string_view what) {
  return fmt::format("set server {}/{} {}", backend, server, what);
}

}  // namespace

std::string look(std::string_view backend) {
  return fmt::format("show servers state {0}; show stat {0} 4 -1", backend);  // 4: servers; -1: all of them
}

Result<std::vector<Server>> servers(std::string_view answer, std::string_view backend) {
  if (answer.contains("Can't find backend"))
    return fail(Code::invalid, fmt::format("HAProxy has no backend `{}`", backend),
                "`show backend` on its stats socket lists those it has");
  if (answer.contains("Permission denied"))
    return fail(Code::invalid, "HAProxy's stats socket does not let Davy in", "give it `level admin`");
  auto states = table(answer, "be_id", ' '), counters = table(answer, "pxname", ',');
  if (!states || !counters)
    return fail(Code::invalid, fmt::format("asked for the servers of `{}`, HAProxy answered: {}", backend,
                                           printable(trimmed(answer.substr(0, 200)))));
  std::vector<Server> out;
  for (auto& row : *states) {
    auto& s = out.emplace_back(server(row));
    auto same = std::ranges::find(*counters, s.name, [](auto& c) { return word(c, "svname"); });
    if (same != counters->end()) add_counters(s, *same);
  }
  return out;
}

Commands filled(std::string_view backend, const Server& slot, std::string_view to) {
  Commands out{address(backend, slot.name, to), weigh(backend, slot.name, 0)};
  if (slot.checked) out.push_back(fmt::format("enable health {}/{}", backend, slot.name));
  out.push_back(state(backend, slot.name, "ready"));
  if (slot.checked) out.push_back(set(backend, slot.name, "health down"));
  return out;
}

// Added at a placeholder and then moved: only a change of address computes the server's dynamic cookie, without which
// its users would not be sticky (measured).
Commands added(std::string_view backend, std::string_view name, std::string_view placeholder,
               std::string_view keywords) {
  return {fmt::format("add server {}/{} {} {}", backend, name, placeholder, keywords)};
}

std::string weigh(std::string_view backend, std::string_view server, int weight) {
  return set(backend, server, fmt::format("weight {}", weight));
}

std::string state(std::string_view backend, std::string_view server, std::string_view to) {
  return set(backend, server, fmt::format("state {}", to));
}

std::string address(std::string_view backend, std::string_view server, std::string_view to) {
  auto colon = to.rfind(':');
  auto host = to.substr(0, colon), port = colon == to.npos ? std::string_view("0") : to.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return set(backend, server, fmt::format("addr {} port {}", host, port));
}

std::string end_sessions(std::string_view backend, std::string_view server) {
  return fmt::format("shutdown sessions server {}/{}", backend, server);
}

std::string remove(std::string_view backend, std::string_view server) {
  return fmt::format("del server {}/{}", backend, server);
}

std::string added_name(std::string_view address) {
  std::string out = "davy-";
  for (char c : address)
    if (c != '[' && c != ']') out += c;
  return out;
}

std::vector<std::string> lines(const Commands& commands) {
  constexpr std::size_t kMost = 8000;
  std::vector<std::string> out;
  for (auto& command : commands) {
    if (out.empty() || out.back().size() + command.size() > kMost)
      out.push_back(command);
    else
      out.back() += "; " + command;
  }
  return out;
}

long pid_of(std::string_view info) {
  for (auto line : split(info, '\n'))
    if (line.starts_with("Pid: ")) return std::strtol(std::string(line.substr(5)).c_str(), nullptr, 10);
  return 0;
}

std::string complaint(std::string_view answer) {
  constexpr std::string_view kFine[] = {"no need to change", "IP changed", "port changed", "New server registered",
                                        "Server deleted"};
  std::string out;
  for (auto line : split(answer, '\n')) {
    line = trimmed(line);
    if (line.starts_with("# ") || line == "1") break;  // the table that was asked for begins
    if (line.empty() || std::ranges::any_of(kFine, [&](auto fine) { return line.starts_with(fine); })) continue;
    out += (out.empty() ? "" : " ") + printable(line);
  }
  return out;
}

std::vector<MapFile> map_files(std::string_view answer) {
  std::vector<MapFile> out;  // "0 (/etc/haproxy/davy.map) pattern loaded from … used by map at file …"
  for (auto line : split(answer, '\n')) {
    auto from = line.find(" ("), to = line.find(") ");
    if (line.starts_with('#') || from == line.npos || to == line.npos || to < from) continue;
    out.push_back({std::string(line.substr(from + 2, to - from - 2)), line.contains("used by map")});
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> map_entries(std::string_view answer) {
  std::vector<std::pair<std::string, std::string>> out;  // "0x7f5ae803a7f0 key value"
  for (auto line : split(answer, '\n')) {
    auto cells = split(line, ' ');
    if (cells.size() >= 3 && cells[0].starts_with("0x")) out.emplace_back(cells[1], cells[2]);
  }
  return out;
}

}  // namespace davy::providers::haproxy
