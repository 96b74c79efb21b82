#include "signals/systems/haproxy_stat.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/text.h"

namespace davy::signals {
namespace {

std::uint64_t number(std::string_view text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);  // empty: the field does not apply
  return out;
}

struct Counter {
  std::string_view name;
  std::uint64_t ServerStat::* member;
};
constexpr Counter kCounters[] = {
    {"weight", &ServerStat::weight},
    {"scur", &ServerStat::sessions},
    {"qcur", &ServerStat::queue},
    {"stot", &ServerStat::requests},
    {"wretr", &ServerStat::retried},
    {"wredis", &ServerStat::redispatched},
    {"econ", &ServerStat::connection_errors},
    {"eresp", &ServerStat::response_errors},
    {"hrsp_5xx", &ServerStat::server_errors},
};

// What is told of one row, in whatever order its fields come.
struct Row {
  std::string_view proxy, server, type;
  ServerStat stat;
  void take(std::string_view field, std::string_view value) {
    if (field == "pxname") proxy = value;
    if (field == "svname") server = value;
    if (field == "type") type = value;
    if (field == "status") stat.status = value;
    for (auto& [name, member] : kCounters)
      if (field == name) stat.*member = number(value);
  }
  bool is_server() const {
    return !proxy.empty() && !server.empty() && (type.empty() || type == "2") && server != "FRONTEND" &&
           server != "BACKEND";
  }
};

using Stats = std::map<std::string, ServerStat>;

void keep(Stats& out, Row row) {
  if (row.is_server()) out[std::string(row.proxy) + '/' + std::string(row.server)] = std::move(row.stat);
}

// A field in quotes may hold commas (last_agt); no field that is read here does.
std::vector<std::string_view> fields(std::string_view line) {
  std::vector<std::string_view> out;
  bool quoted = false;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && line[i] == '"') quoted = !quoted;
    if (i < line.size() && (line[i] != ',' || quoted)) continue;
    out.push_back(line.substr(from, i - from));
    from = i + 1;
  }
  return out;
}

Stats parse_csv(std::string_view text) {
  Stats out;
  std::vector<std::string_view> names;
  for (auto line : split(text, '\n')) {
    line = trimmed(line);
    if (line.starts_with("# ")) {
      names = fields(line.substr(2));
      continue;
    }
    if (line.empty()) continue;
    auto values = fields(line);
    Row row;
    for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i) row.take(names[i], values[i]);
    keep(out, std::move(row));
  }
  return out;
}

// S.2.1.37.wredis.1:MDPSu32:0 — object, proxy id, server id, position, name, process; origin; type; value.
Stats parse_typed(std::string_view text) {
  std::map<std::string_view, Row> rows;
  for (auto line : split(text, '\n')) {
    line = trimmed(line);
    auto colon = line.find(':');
    if (!line.starts_with("S.") || colon == std::string_view::npos) continue;
    auto name = split(line.substr(0, colon), '.');
    auto value = split(line.substr(colon + 1), ':');
    if (name.size() != 6 || value.size() < 3) continue;
    auto object = line.substr(0, static_cast<std::size_t>(name[2].data() + name[2].size() - line.data()));
    rows[object].take(name[4], line.substr(static_cast<std::size_t>(value[2].data() - line.data())));
  }
  Stats out;
  for (auto& [_, row] : rows) keep(out, row);
  return out;
}

std::uint64_t risen(std::uint64_t before, std::uint64_t now) { return now >= before ? now - before : now; }

}  // namespace

Result<Stats> parse_show_stat(std::string_view text) {
  if (text.starts_with("# pxname,")) return parse_csv(text);
  if (text.size() > 2 && text[1] == '.') return parse_typed(text);
  return fail(Code::invalid, "reading HAProxy's `show stat`: it begins with " + printable(text.substr(0, 40)));
}

Result<HaproxyInfo> parse_show_info(std::string_view text) {
  HaproxyInfo out;
  for (auto line : split(text, '\n')) {
    auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    auto name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
    if (name == "Pid") out.pid = number(value);
    if (name == "DroppedLogs") out.dropped_logs = number(value);
    if (name == "Uptime_sec") out.uptime_seconds = number(value);
  }
  if (out.pid == 0) return fail(Code::invalid, "reading HAProxy's `show info`: it names no Pid");
  return out;
}

judge::Window StatDeltas::see(const Stats& now, Time from, Time to) {
  judge::Window out{.from = from, .to = to};
  requests_.clear();
  for (auto& [server, stat] : now) {
    out.numbers["sessions"][server] = static_cast<double>(stat.sessions);
    out.numbers["queue"][server] = static_cast<double>(stat.queue);
    auto before = last_.find(server);
    if (before == last_.end()) continue;
    auto moved = risen(before->second.redispatched, stat.redispatched);
    auto again = risen(before->second.retried, stat.retried);
    auto taken = moved > 0 ? moved : again;
    if (taken > 0) out.releases[server].redispatched = taken;
    auto attempts = risen(before->second.requests, stat.requests);
    requests_[server] = attempts - std::min(attempts, taken);
  }
  last_ = now;
  return out;
}

}  // namespace davy::signals
