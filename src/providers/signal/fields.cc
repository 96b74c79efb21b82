#include "providers/signal/fields.h"

#include "providers/signal/app_log.h"
#include "providers/signal/container.h"
#include "providers/signal/machine.h"
#include "providers/signal/postgres.h"
#include "providers/signal/redis.h"
#include "providers/signal/sentry.h"
#include "providers/signal/vitals.h"

namespace davy::providers {

Fields fields_of(const CgroupSignal&) {
  return {"memory", "memory_share", "cpu", "cpu_share", "throttled", "oom_kills", "processes", "processes_share"};
}

Fields fields_of(const ContainerSignal&) {
  return {"", "health", "memory", "memory_share", "cpu", "processes", "restarts", "exit_code", "oom_killed"};
}

Fields fields_of(const DiskSignal&) { return {"free", "total", "used"}; }

Fields fields_of(const LinesSignal& o) {
  Fields out{"lines", "errors", "new_errors", "quiet"};
  for (auto& pattern : signals::with_usual(patterns_of(o.patterns))) out.push_back(pattern.name);
  return out;
}

Fields fields_of(const MachineSignal&) {
  return {"cpu", "steal", "load1", "load5", "load15", "load_per_core", "memory", "memory_available", "swap"};
}

Fields fields_of(const PostgresSignal& o) {
  Fields out{"",
             "connections",
             "active",
             "idle_in_transaction",
             "waiting",
             "pool_use",
             "longest_query",
             "slow_queries",
             "size",
             "commits",
             "rollback_share",
             "deadlocks",
             "cache_hit_rate",
             "restarts",
             "query_rate",
             "query_mean",
             "query_p95"};
  for (auto& [name, query] : o.queries) out.push_back(name);
  return out;
}

Fields fields_of(const ProcessSignal&) {
  return {"cpu", "memory", "open_files", "open_files_share", "threads", "processes", "restarts"};
}

Fields fields_of(const RedisSignal&) {
  return {"",     "role",     "master_link", "memory",    "memory_share", "clients",  "blocked_clients",
          "keys", "hit_rate", "commands",    "evictions", "expired",      "rejected", "restarts"};
}

Fields fields_of(const SentrySignal&) { return {"events", "sessions", "crash_free_sessions", "crash_free_users"}; }

Fields fields_of(const VitalsSignal&) {
  Fields out{"views", "broken", "unlabelled", "refused"};
  for (std::string name : {"lcp", "fcp", "inp", "ttfb", "page_load", "cls"})
    for (auto* quantile : {"", "_p50", "_p95"}) out.push_back(name + quantile);
  return out;
}

}  // namespace davy::providers
