#include "store/sqlite/packs.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <ranges>

#include "judge/numbers/outline.h"
#include "judge/numbers/packing.h"
#include "store/rules.h"
#include "store/sqlite/squeezed.h"

namespace davy::store {

using namespace ports;

namespace {

using ByTime = std::map<Time, Sample>;

constexpr Duration kGrain = std::chrono::seconds(1);  // of every row of `samples`: it once told them apart
constexpr std::int64_t kPack = 60;                    // samples; more together are hardly smaller
constexpr std::int64_t kInOutline = 15;               // of which one outline is made
// Of large ones fewer are packed, for whoever reads one has all of a pack in memory.
constexpr judge::Weight kEnough{.windows = kPack, .text = std::size_t{4} << 20, .buckets = std::size_t{4} << 20};

std::unexpected<Error> broken(const Connection& db, Time at, const Error& why) {
  return fail(Code::internal,
              fmt::format("reading samples in {}: those from {} on: {}", db.path(), timestamp(at), why.message),
              "what else is there can be read; `davy deploy` drops it when it is old");
}

Result<std::vector<Sample>> unpacked(const Connection& db, const Query& row, int column, Time first) {
  auto text = stretched(row.text(column), judge::kMostPacked.text);
  if (!text) return broken(db, first, text.error());
  auto samples = judge::unpack({std::move(*text), row.text(column + 1)});
  if (!samples) return broken(db, first, samples.error());
  return samples;
}

// What is not whole is told apart from what is.
std::vector<Sample> outlines(std::span<const Sample> samples) {
  std::vector<Sample> out;
  std::int64_t in_last = 0;
  for (auto& one : samples) {
    auto outline = judge::outline(one);
    bool joins = !out.empty() && in_last < kInOutline && out.back().complete == one.complete;
    in_last = joins ? in_last + 1 : 1;
    joins ? out.back().merge(outline) : out.push_back(std::move(outline));
  }
  return out;
}

Result<> insert(Connection& db, std::int64_t series, std::span<const Sample> samples) {
  auto all = judge::pack(samples), few = judge::pack(outlines(samples));
  if (!all || !few) return std::unexpected(all ? few.error() : all.error());
  auto text = squeezed(all->text), outline = squeezed(few->text);
  db.run(
      "INSERT INTO packs(series, first, last, count, outlines, outline_latencies, windows, latencies) "
      "VALUES(?,?,?,?,?,?,?,?)",
      series, samples.front().from, samples.back().from, std::ssize(samples), Blob{outline}, Blob{few->latencies},
      Blob{text}, Blob{all->latencies});
  return {};
}

// In as many packs as they are worth.
Result<> insert_all(Connection& db, std::int64_t series, const ByTime& samples) {
  std::vector<Sample> next;
  judge::Weight weight;
  for (auto& [_, one] : samples) {
    auto own = judge::weight_of(one), with = weight;
    if (!next.empty() && !(with += own).within(kEnough)) {
      if (auto done = insert(db, series, next); !done) return done;
      next.clear(), weight = {};
    }
    next.push_back(one), weight += own;
  }
  return next.empty() ? Result<>() : insert(db, series, next);
}

// What these samples overlap, and a short pack before them, is packed anew with them. Of one whose windows were dropped
// the outlines are left; one that cannot be read stays where it is, so that whoever reads it is told.
void take_packs(Connection& db, std::int64_t series, ByTime& samples) {
  auto from = samples.begin()->first, to = samples.rbegin()->first;
  std::vector<std::int64_t> taken;
  {
    auto rows = db.query(
        "SELECT id, first, outlines, outline_latencies, windows, latencies FROM packs WHERE series=? AND "
        "((first<=? AND last>=?) OR (count<? AND last=(SELECT max(last) FROM packs WHERE series=? AND last<?)))",
        series, to, from, kPack, series, from);
    while (rows.next()) {
      auto windows = unpacked(db, rows, rows.null(4) ? 2 : 4, rows.time(1));
      if (!windows) continue;
      for (auto& one : *windows) samples.try_emplace(one.from, std::move(one));
      taken.push_back(rows.number(0));
    }
  }
  for (auto id : taken) db.run("DELETE FROM packs WHERE id=?", id);
}

// What cannot be read is lost here: it could not be packed either.
Result<std::int64_t> pack_oldest(Connection& db, std::int64_t series, Time before) {
  ByTime samples;
  std::int64_t found = 0;
  Time last{};
  {
    auto rows = db.query("SELECT at, body FROM samples WHERE series=? AND grain=? AND at<? ORDER BY at LIMIT ?", series,
                         kGrain, before, kPack);
    for (; rows.next(); ++found) {
      last = rows.time(0);
      auto window = judge::decode(rows.text(1));
      if (window && may_be_kept(*window)) samples.try_emplace(last, std::move(*window));
    }
  }
  if (found == 0) return 0;
  db.run("DELETE FROM samples WHERE series=? AND grain=? AND at<=?", series, kGrain, last);
  if (samples.empty()) return found;
  take_packs(db, series, samples);
  auto done = insert_all(db, series, samples);
  return done ? Result<std::int64_t>(found) : std::unexpected(done.error());
}

bool too_many_are_loose(Connection& db, std::int64_t series) {
  auto rows = db.query("SELECT count(*) FROM samples WHERE series=? AND grain=?", series, kGrain);
  return rows.next() && rows.number(0) >= kPack + static_cast<std::int64_t>(Samples::kNewest);
}

// Behind the newest pack, if any is older than that: a clock was set back, or it was written once more.
std::optional<Time> end_of_late_ones(Connection& db, std::int64_t series) {
  auto rows = db.query(
      "SELECT newest FROM (SELECT max(last) AS newest FROM packs WHERE series=?) WHERE "
      "(SELECT min(at) FROM samples WHERE series=? AND grain=?)<=newest",
      series, series, kGrain);
  return rows.next() ? std::optional(rows.time(0) + Duration(1)) : std::nullopt;
}

}  // namespace

Result<std::vector<Sample>> loose_samples(Connection& db, std::int64_t series, Time from, Time to, std::int64_t most) {
  std::vector<Sample> out;
  auto rows =
      db.query("SELECT at, body FROM samples WHERE series=? AND grain=? AND at>=? AND at<? ORDER BY at DESC LIMIT ?",
               series, kGrain, from, to, most);
  while (rows.next()) {
    auto window = judge::decode(rows.text(1));
    if (!window) return broken(db, rows.time(0), window.error());
    out.push_back(std::move(*window));
  }
  std::ranges::reverse(out);
  return out;
}

Result<std::vector<Sample>> packed_samples(Connection& db, std::int64_t series, Part part, Time from, Time to,
                                           std::int64_t most) {
  std::vector<std::vector<Sample>> packs;  // the newest first
  auto rows = db.query(
      "SELECT first, outlines, outline_latencies, windows, latencies FROM packs WHERE series=? AND first<? AND last>=? "
      "ORDER BY first DESC",
      series, to, from);
  while (most > 0 && rows.next()) {
    bool dropped = rows.null(3);
    if (dropped && part == Part::whole) continue;
    auto samples = unpacked(db, rows, dropped || part == Part::outlines ? 1 : 3, rows.time(0));
    if (!samples) return samples;
    std::erase_if(*samples, [&](auto& one) { return one.from < from || one.from >= to; });
    auto surplus = std::max<std::int64_t>(0, std::ssize(*samples) - most);
    samples->erase(samples->begin(), samples->begin() + surplus);
    most -= std::ssize(*samples);
    packs.push_back(std::move(*samples));
  }
  std::vector<Sample> out;
  for (auto& pack : packs | std::views::reverse) std::ranges::move(pack, std::back_inserter(out));
  return out;
}

bool more_than(Connection& db, std::int64_t series, Time from, Time to, std::int64_t many) {
  auto rows = db.query(
      "SELECT (SELECT count(*) FROM samples WHERE series=? AND grain=? AND at>=? AND at<?) + "
      "(SELECT ifnull(sum(count), 0) FROM packs WHERE series=? AND first<? AND last>=?)",
      series, kGrain, from, to, series, to, from);
  return rows.next() && rows.number(0) > many;
}

// In a file from before packs there may be many: those come little by little.
Result<> pack_what_is_old(Connection& db, std::int64_t series) {
  for (int at_once = 4;;) {
    auto late = end_of_late_ones(db, series);
    if (!late && (at_once-- == 0 || !too_many_are_loose(db, series))) return {};
    if (auto packed = pack_oldest(db, series, late.value_or(Time::max())); !packed)
      return std::unexpected(packed.error());
  }
}

Result<std::int64_t> pack_what_rests(Connection& db, Time before) {
  std::optional<std::int64_t> series;
  if (auto rows = db.query("SELECT series FROM samples WHERE at<? LIMIT 1", before); rows.next())
    series = rows.number(0);
  return series ? pack_oldest(db, *series, before) : Result<std::int64_t>(0);
}

}  // namespace davy::store
