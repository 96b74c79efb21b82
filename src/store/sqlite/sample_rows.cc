#include "store/sqlite/sample_rows.h"

#include <algorithm>

namespace davy::store {

using namespace ports;

namespace {

std::optional<std::int64_t> series_of(Connection& db, const SampleKey& key) {
  auto rows = db.query("SELECT id FROM series WHERE service=? AND environment=? AND release=?", key.service,
                       key.environment, key.release);
  return rows.next() ? std::optional(rows.number(0)) : std::nullopt;
}

}  // namespace

Result<> add_samples(Connection& db, const SampleKey& key, const std::vector<Sample>& samples) {
  if (!series_of(db, key))
    db.run("INSERT INTO series(service, environment, release) VALUES(?,?,?)", key.service, key.environment,
           key.release);
  auto series = *series_of(db, key);
  for (auto& sample : samples)
    db.run("INSERT OR REPLACE INTO samples(series, grain, at, body) VALUES(?,?,?,?)", series, sample.grain, sample.at,
           sample.body);
  return {};
}

Result<std::vector<Sample>> read_samples(Connection& db, const SampleKey& key, Duration grain, Time from, Time to,
                                         std::int64_t most) {
  std::vector<Sample> samples;
  auto series = series_of(db, key);
  if (!series) return samples;
  auto rows =
      db.query("SELECT at, body FROM samples WHERE series=? AND grain=? AND at>=? AND at<? ORDER BY at DESC LIMIT ?",
               *series, grain, from, to, std::max<std::int64_t>(most, 0));
  while (rows.next()) samples.push_back({.at = rows.time(0), .grain = grain, .body = rows.text(1)});
  std::ranges::reverse(samples);
  return samples;
}

Result<std::int64_t> drop_samples(Connection& db, Duration grain, Time before) {
  auto changes = db.changes();
  db.run(
      "DELETE FROM samples WHERE rowid IN (SELECT rowid FROM samples "
      "WHERE series IN (SELECT id FROM series) AND grain=? AND at<? LIMIT ?)",
      grain, before, Samples::kPrunedAtOnce);
  return db.changes() - changes;
}

}  // namespace davy::store
