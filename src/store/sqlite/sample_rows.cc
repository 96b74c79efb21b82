#include "store/sqlite/sample_rows.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>

#include "judge/numbers/outline.h"
#include "store/rules.h"
#include "store/sqlite/packs.h"

namespace davy::store {

using namespace ports;

namespace {

constexpr Duration kGrain = std::chrono::seconds(1);
constexpr std::int64_t kPacksAtOnce = 32;

std::optional<std::int64_t> series_of(Connection& db, const SampleKey& key) {
  auto rows = db.query("SELECT id FROM series WHERE service=? AND environment=? AND release=?", key.service,
                       key.environment, key.release);
  return rows.next() ? std::optional(rows.number(0)) : std::nullopt;
}

Result<std::vector<Sample>> joined(Result<std::vector<Sample>> packed, Result<std::vector<Sample>> loose) {
  if (!packed || !loose) return packed ? loose : packed;
  std::ranges::move(*loose, std::back_inserter(*packed));
  return packed;
}

}  // namespace

Result<> add_samples(Connection& db, const SampleKey& key, const std::vector<Sample>& samples) {
  for (auto& sample : samples)
    if (auto fits = may_be_kept(sample); !fits) return fits;
  if (!series_of(db, key))
    db.run("INSERT INTO series(service, environment, release) VALUES(?,?,?)", key.service, key.environment,
           key.release);
  auto series = *series_of(db, key);
  for (auto& sample : samples)
    db.run("INSERT OR REPLACE INTO samples(series, grain, at, body) VALUES(?,?,?,?)", series, kGrain, sample.from,
           judge::encode(sample));
  return pack_what_is_old(db, series);
}

Result<std::vector<Sample>> read_samples(Connection& db, const SampleKey& key, Time from, Time to, std::int64_t most) {
  auto series = series_of(db, key);
  if (!series || most <= 0) return std::vector<Sample>{};
  auto loose = loose_samples(db, *series, from, to, most);
  if (!loose) return loose;
  auto left = most - std::ssize(*loose);
  return joined(packed_samples(db, *series, Part::whole, from, to, left), std::move(loose));
}

Result<std::vector<Sample>> outline_samples(Connection& db, const SampleKey& key, Time from, Time to,
                                            std::size_t points) {
  auto series = series_of(db, key);
  if (!series) return std::vector<Sample>{};
  constexpr auto kAll = std::numeric_limits<std::int64_t>::max();
  bool many = more_than(db, *series, from, to, static_cast<std::int64_t>(points));
  auto found = joined(packed_samples(db, *series, many ? Part::outlines : Part::finest, from, to, kAll),
                      loose_samples(db, *series, from, to, kAll));
  if (!found) return found;
  return judge::in_points(*found, points, Samples::kNewest);
}

Result<std::int64_t> prune_samples(Connection& db, const Samples::Before& before) {
  auto packed = pack_what_rests(db, std::max(before.at_rest, before.details));
  if (!packed) return packed;
  auto changes = db.changes();
  db.run("DELETE FROM packs WHERE id IN (SELECT id FROM packs WHERE last<? LIMIT ?)", before.all, kPacksAtOnce);
  db.run(
      "UPDATE packs SET windows=NULL, latencies=NULL WHERE id IN "
      "(SELECT id FROM packs WHERE last<? AND windows IS NOT NULL LIMIT ?)",
      before.details, kPacksAtOnce);
  return *packed + db.changes() - changes;
}

}  // namespace davy::store
