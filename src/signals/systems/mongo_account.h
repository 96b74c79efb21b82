// MongoDB's own figures (manual: serverStatus, dbStats, replSetGetStatus), and what two looks make of them. Answers
// come as relaxed Extended JSON.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "judge/numbers/window.h"
#include "signals/metrics/counters.h"

namespace davy::signals {

struct MongoFigures {
  // connections and connections_left (also Davy's own is one), active, queued, memory (bytes, resident), uptime
  // (seconds); size (bytes) and lag (seconds) where they were asked. What a server does not tell is not there.
  std::map<std::string, double> gauges;
  std::optional<double> reads, read_seconds;  // in all its life
  std::string role;                           // primary, secondary, standalone, mongos, or none of them: other
  std::string host;                           // which server that is, as it calls itself
  double pid = 0;
  bool in_set = false;
};
// Of serverStatus. Code::invalid: it is none.
Result<MongoFigures> mongo_figures(std::string_view server_status);
// Of dbStats: what data and indexes take on the disk.
std::optional<double> mongo_size(std::string_view db_stats);
// Of replSetGetStatus: how far this server is behind the primary; of the primary the worst of those that follow it.
// Nothing where nobody follows, or no primary is known.
std::optional<double> mongo_lag(std::string_view set_status);

// The gauges; since the last look: query_rate (reads per second) and query_mean (seconds); since the first: restarts.
// Where another server answers than the last time, its counters begin anew. States: "" is up, role.
class MongoAccount {
 public:
  judge::Window look(const MongoFigures&, Time from, Time to);

 private:
  bool restarted(const MongoFigures&, Duration since) const;

  Counters counters_;
  bool first_ = true;
  std::string host_;
  double pid_ = 0, uptime_ = 0, restarts_ = 0;
};

}  // namespace davy::signals
