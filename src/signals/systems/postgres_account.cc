#include "signals/systems/postgres_account.h"

#include <algorithm>
#include <cmath>

namespace davy::signals {
namespace {

// Gauges that are handed on as they are.
constexpr const char* kGauges[] = {"connections",         "connections_left", "active",
                                   "idle_in_transaction", "waiting",          "longest_query",
                                   "longest_transaction", "slow_queries",     "size"};

double at(const std::map<std::string, double>& all, const char* key) {
  auto found = all.find(key);
  return found == all.end() || !std::isfinite(found->second) ? 0 : found->second;
}

}  // namespace

std::string_view postgres_question() {
  return R"(WITH clients AS (
  SELECT state, wait_event_type, extract(epoch FROM clock_timestamp() - query_start)::float8 AS age,
    extract(epoch FROM clock_timestamp() - xact_start)::float8 AS open
  FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())
SELECT (SELECT count(*) FROM clients) AS connections,
  (SELECT count(*) FROM clients WHERE state = 'active') AS active,
  (SELECT count(*) FROM clients WHERE state LIKE 'idle in transaction%') AS idle_in_transaction,
  (SELECT count(*) FROM clients WHERE state = 'active' AND wait_event_type = 'Lock') AS waiting,
  (SELECT coalesce(max(age), 0) FROM clients WHERE state = 'active') AS longest_query,
  (SELECT coalesce(max(open), 0) FROM clients) AS longest_transaction,
  (SELECT count(*) FROM clients WHERE state = 'active' AND age > $1::float8) AS slow_queries,
  greatest(0, current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int -
    (SELECT count(*) FROM clients) - 1) AS connections_left,
  CASE WHEN NOT pg_is_in_recovery() THEN (SELECT max(extract(epoch FROM replay_lag))::float8 FROM pg_stat_replication)
    WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
    ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 END AS lag,
  current_setting('max_connections')::float8 AS max_connections,
  pg_database_size(current_database()) AS size,
  d.xact_commit, d.xact_rollback, d.blks_hit, d.blks_read, d.deadlocks,
  extract(epoch FROM pg_postmaster_start_time())::float8 AS started,
  (to_regclass('pg_stat_statements') IS NOT NULL)::int AS statements
FROM pg_stat_database d WHERE d.datname = current_database())";
}

std::string_view postgres_statements_question() {
  return R"(SELECT queryid::text AS id, sum(calls) AS calls, sum(total_exec_time) / 1000 AS seconds
FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
WHERE d.datname = current_database() AND queryid IS NOT NULL GROUP BY queryid ORDER BY 3 DESC LIMIT 5000)";
}

judge::Window PostgresAccount::look(const std::map<std::string, double>& figures,
                                    const std::vector<PostgresStatement>& all, Time from, Time to) {
  judge::Window out{.from = from, .to = to};
  auto put = [&](const char* series, double value) { out.numbers[series][""] = value; };
  for (auto gauge : kGauges) put(gauge, at(figures, gauge));
  if (figures.contains("lag")) put("lag", at(figures, "lag"));
  if (auto most = at(figures, "max_connections"); most > 0) put("pool_use", at(figures, "connections") / most);
  bool anew = started_ != 0 && std::abs(started_ - at(figures, "started")) > 1;  // it is computed, and wavers
  started_ = at(figures, "started");
  restarts_ += anew;
  put("restarts", restarts_);
  counters_.begin();
  auto grown = [&](const char* key) { return counters_.see(key, at(figures, key), anew); };
  auto commits = grown("xact_commit"), rollbacks = grown("xact_rollback"), hit = grown("blks_hit"),
       read = grown("blks_read"), deadlocks = grown("deadlocks");
  if (auto length = seconds(to - from); commits && length > 0) put("commits", *commits / length);
  if (commits && rollbacks && *commits + *rollbacks > 0) put("rollback_share", *rollbacks / (*commits + *rollbacks));
  if (hit && read && *hit + *read > 0) put("cache_hit_rate", *hit / (*hit + *read));
  if (deadlocks) put("deadlocks", *deadlocks);
  statements(all, anew, out);
  counters_.end();
  return out;
}

void PostgresAccount::statements(const std::vector<PostgresStatement>& all, bool anew, judge::Window& out) {
  struct Grown {
    double mean, calls;
  };
  std::vector<Grown> grown;
  double calls = 0, time = 0;
  for (auto& s : all) {
    auto n = counters_.see("calls " + s.id, s.calls, anew), t = counters_.see("seconds " + s.id, s.seconds, anew);
    if (!n || !t || *n <= 0) continue;
    grown.push_back({*t / *n, *n});
    calls += *n, time += *t;
  }
  if (calls <= 0) return;
  if (auto length = seconds(out.length()); length > 0) out.numbers["query_rate"][""] = calls / length;
  out.numbers["query_mean"][""] = time / calls;
  std::ranges::sort(grown, {}, &Grown::mean);
  double below = 0;
  for (auto& g : grown)
    if ((below += g.calls) >= 0.95 * calls) {
      out.numbers["query_p95"][""] = g.mean;
      return;
    }
}

}  // namespace davy::signals
