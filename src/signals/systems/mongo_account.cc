#include "signals/systems/mongo_account.h"

#include <algorithm>
#include <cmath>

#include "signals/metrics/readout.h"

namespace davy::signals {
namespace {

using spec::Json;

constexpr double kMebibyte = 1024 * 1024;
constexpr double kPrimary = 1, kSecondary = 2, kRecovering = 3;  // states of members

std::optional<double> number(const Json& from, std::string_view path) {
  auto found = at_path(from, path);
  if (!found || !found->is_number() || !std::isfinite(found->get<double>())) return {};
  return found->get<double>();
}
std::string text(const Json& from, std::string_view path) {
  auto found = at_path(from, path);
  return found && found->is_string() ? found->get<std::string>() : "";
}
bool yes(const Json& from, std::string_view path) {
  auto found = at_path(from, path);
  return found && found->is_boolean() && found->get<bool>();
}

std::string role_of(const Json& status) {
  if (text(status, "process").starts_with("mongos")) return "mongos";
  if (text(status, "repl.setName").empty()) return at_path(status, "repl") ? "other" : "standalone";
  if (yes(status, "repl.isWritablePrimary") || yes(status, "repl.ismaster")) return "primary";
  return yes(status, "repl.secondary") ? "secondary" : "other";
}

struct Member {
  double state = 0;
  bool self = false;
  Time at;  // of the newest operation that it has
};

std::vector<Member> members_of(const Json& set) {
  std::vector<Member> out;
  auto all = at_path(set, "members");
  if (!all || !all->is_array()) return out;
  for (auto& one : *all) {
    auto at = parse_timestamp(text(one, "optimeDate.$date"));
    bool counts = at && *at > Time{};  // one that was never reached has 1970
    if (counts) out.push_back({number(one, "state").value_or(0), yes(one, "self"), *at});
  }
  return out;
}

}  // namespace

Result<MongoFigures> mongo_figures(std::string_view server_status) {
  auto json = spec::parse_json(server_status);
  auto uptime = json ? number(*json, "uptime") : std::nullopt;
  if (!uptime) return fail(Code::invalid, "the answer is no serverStatus of MongoDB");
  MongoFigures out{
      .role = role_of(*json), .host = text(*json, "host"), .in_set = at_path(*json, "repl.setName") != nullptr};
  auto put = [&](const char* name, std::optional<double> value) {
    if (value) out.gauges[name] = *value;
  };
  auto milliseconds = number(*json, "uptimeMillis");
  put("uptime", milliseconds ? *milliseconds / 1000 : uptime);
  put("connections", number(*json, "connections.current"));
  put("connections_left", number(*json, "connections.available"));
  put("active", number(*json, "connections.active"));
  put("queued", number(*json, "globalLock.currentQueue.total"));
  if (auto memory = number(*json, "mem.resident")) put("memory", *memory * kMebibyte);
  out.reads = number(*json, "opLatencies.reads.ops");
  if (auto micros = number(*json, "opLatencies.reads.latency")) out.read_seconds = *micros / 1e6;
  out.pid = number(*json, "pid").value_or(0);
  return out;
}

std::optional<double> mongo_size(std::string_view db_stats) {
  auto json = spec::parse_json(db_stats);
  auto data = json ? number(*json, "storageSize") : std::nullopt, indexes = json ? number(*json, "indexSize") : data;
  if (!data || !indexes) return {};
  return *data + *indexes;
}

std::optional<double> mongo_lag(std::string_view set_status) {
  auto json = spec::parse_json(set_status);
  auto all = json ? members_of(*json) : std::vector<Member>();
  auto primary = std::ranges::find(all, kPrimary, &Member::state);
  if (primary == all.end()) return {};
  std::optional<double> worst;
  for (auto& one : all) {
    bool follows = one.state == kSecondary || one.state == kRecovering;
    if (!follows || (!primary->self && !one.self)) continue;
    worst = std::max({worst.value_or(0), seconds(primary->at - one.at), 0.0});
  }
  return worst;
}

// A process that has run for less than the time since the last look was not there then.
bool MongoAccount::restarted(const MongoFigures& f, Duration since) const {
  constexpr double kSlack = 1;  // seconds, of two clocks
  auto found = f.gauges.find("uptime");
  auto uptime = found == f.gauges.end() ? 0 : found->second;
  return f.pid != pid_ || uptime < uptime_ || uptime + kSlack < seconds(since);
}

judge::Window MongoAccount::look(const MongoFigures& f, Time from, Time to) {
  judge::Window out{.from = from, .to = to};
  auto put = [&](const char* series, double value) { out.numbers[series][""] = value; };
  for (auto& [name, value] : f.gauges) put(name.c_str(), value);
  bool same = !first_ && host_ == f.host;
  bool anew = same && restarted(f, to - from);
  if (!same) counters_ = {};
  host_ = f.host, pid_ = f.pid;
  if (auto found = f.gauges.find("uptime"); found != f.gauges.end()) uptime_ = found->second;
  first_ = false;
  restarts_ += anew;
  put("restarts", restarts_);
  counters_.begin();
  auto reads = f.reads ? counters_.see("reads", *f.reads, anew) : std::nullopt;
  auto time = f.read_seconds ? counters_.see("seconds", *f.read_seconds, anew) : std::nullopt;
  counters_.end();
  if (auto length = seconds(to - from); reads && length > 0) put("query_rate", *reads / length);
  if (reads && time && *reads > 0) put("query_mean", *time / *reads);
  out.states["role"][""] = f.role;
  out.states[""][""] = "up";
  return out;
}

}  // namespace davy::signals
