// PostgreSQL's own statistics (manual, 28.2 and F.32), and what two looks make of them.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "judge/numbers/window.h"
#include "signals/metrics/counters.h"

namespace davy::signals {

struct PostgresStatement {
  std::string id;
  double calls = 0;
  double seconds = 0;  // all of them together
};

// connections (of clients, without Davy's own), connections_left (for who is no superuser, with Davy's own one taken),
// active, idle_in_transaction, waiting (for a lock), pool_use (share of max_connections), longest_query,
// longest_transaction (seconds), slow_queries (running longer than the source's limit), size (bytes), lag (seconds: of
// a replica's replay; of a primary the worst of its replicas, none without one); since the last look: commits (per
// second), rollback_share, cache_hit_rate, deadlocks, and with pg_stat_statements query_rate, query_mean and query_p95.
// That p95 is of the statements' means weighted by their calls: what a slow statement among fast ones does to it is
// seen, one slow call of a fast statement is not. restarts: since the first look.
class PostgresAccount {
 public:
  // figures: columns of the source's question by name, counters as they stand.
  judge::Window look(const std::map<std::string, double>& figures, const std::vector<PostgresStatement>&, Time from,
                     Time to);

 private:
  void statements(const std::vector<PostgresStatement>&, bool anew, judge::Window&);

  Counters counters_;
  double started_ = 0, restarts_ = 0;
};

// The question whose one row are the figures; $1 is how long a slow query runs, in seconds.
std::string_view postgres_question();
std::string_view postgres_statements_question();  // id, calls, seconds

}  // namespace davy::signals
