#include "store/sqlite/sample_rows.h"

namespace davy::store {

using namespace ports;

Result<> add_samples(Connection& db, const std::string& run, const std::vector<Sample>& samples) {
  for (auto& sample : samples)
    db.run("INSERT OR REPLACE INTO samples(run, grain, at, body) VALUES(?,?,?,?)", run, sample.grain, sample.at,
           sample.body);
  return {};
}

Result<std::vector<Sample>> read_samples(Connection& db, const std::string& run, Duration grain, Time from) {
  std::vector<Sample> samples;
  auto rows = db.query("SELECT at, body FROM samples WHERE run=? AND grain=? AND at>=? ORDER BY at", run, grain, from);
  while (rows.next()) samples.push_back({.at = rows.time(0), .grain = grain, .body = rows.text(1)});
  return samples;
}

Result<std::int64_t> drop_samples(Connection& db, Duration grain, Time before) {
  auto changes = db.changes();
  db.run("DELETE FROM samples WHERE grain=? AND at<?", grain, before);
  return db.changes() - changes;
}

}  // namespace davy::store
