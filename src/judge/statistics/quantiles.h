// "Is the candidate slower than the previous release?", at one quantile or at several, asked after every window, with
// one bound on the chance of ever answering yes wrongly.
//
// For a quantile q and a factor f: x is the previous release's q-quantile so far. A request of the candidate is slow
// when it takes longer than f·x, one of the previous release when it takes longer than x. If the candidate is not
// slower by more than f, its requests are slow at most as often, so slow requests are counted like errors, at the
// realised shares (ratio_mixture.h). x comes from earlier windows only, so it may wander with the load without doing
// harm, and it is an edge of the sketch's buckets (f·x the next edge above), so the sketch's 0.8 % cause no alarm.
//
// Why not compare time-uniform bands around the two distributions (bands.h)? Those need each release's latencies to
// be one fixed distribution. When the database is slow for a minute and the split changes meanwhile, the two pools
// hold different shares of that minute, and two equal releases differ. Here both are compared within the same moment.
//
// Slow requests come in clumps: a collection pause makes all requests of one second slow, on one release only. So they
// are counted in blocks (blocks.h) that no single pause can fill. Five slow blocks decide, two never do. A release that
// stands still for longer than 3 s now and then, alone, is slower in the eyes of this test.
//
// Another mix of endpoints accuses nobody: slow requests are counted within each of them, at its own share, by the one
// threshold that the whole service has.
//
// Little traffic: windows are gathered until both releases were met, and ten requests (gathered.h).
// A candidate with cold caches is slower, truly: the judge may want to begin later.
#pragma once
#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "judge/numbers/sketch.h"
#include "judge/statistics/blocks.h"
#include "judge/statistics/counts.h"

namespace davy::judge {

// Requests slower than a threshold, and all, on both sides.
struct Slow {
  std::uint64_t own = 0, own_requests = 0, other = 0, other_requests = 0;
  double own_rate() const;
  double other_rate() const;
};

// One threshold after another: the test itself, without the sketches.
class SlowTest {
 public:
  SlowTest();
  void see(std::span<const Slow> parts, Duration length);
  void see(const Slow& s, Duration length) { see(std::span(&s, 1), length); }
  bool at_edge() const { return blocks_.at_edge(); }  // between two blocks: the threshold may change now
  double evidence() const { return blocks_.evidence(); }
  double deflation() const { return blocks_.deflation(); }
  const Slow& seen() const { return seen_; }
  std::optional<Duration> until(double evidence) const;  // at the pace so far; nothing: not within an hour

 private:
  Blocks blocks_;
  Slow seen_;
  Duration time_{};
};

class QuantileTest {
 public:
  // factor >= 1: slower by no more than that is no news. Several quantiles: any of them may be worse, and alpha is the
  // chance of a false alarm for all together (their evidence is averaged).
  explicit QuantileTest(double alpha, std::vector<double> quantiles = {0.95}, double factor = 1);

  // The latencies of one window; within its endpoints, where they are told.
  void see(const Tally& candidate, const Tally& previous, Duration length);
  void see(const Sketch& candidate, const Sketch& previous, Duration length);
  void drop_pending() {
    strata_.drop(), pending_ = {};
  }  // the shares changed: what waits for the other side was of other shares
  bool decided() const { return decided_; }  // stays
  double evidence() const;
  double bound() const { return 1 / alpha_; }

  // The quantile that shows most, for the sentence: "9.1% of the candidate's requests took longer than 310ms, 5.0% of
  // the previous release's".
  struct Finding {
    double quantile = 0;
    Duration threshold{};  // of the previous release, as of now; zero: not known yet
    Slow slow;             // over all that was seen, each block by the threshold of its time
    double deflation = 1;
  };
  Finding finding() const;
  std::optional<Outlook> outlook() const;  // only its time; nothing when decided or when nothing points to a difference

 private:
  struct Level {
    double quantile;
    std::optional<Duration> threshold;
    std::size_t own_edge = 0, other_edge = 0;  // the first buckets above it
    SlowTest test;
  };
  void choose(Level&) const;
  using Pair = Strata<Sketch>::Pair;
  void gather(const Tally&, std::size_t side);
  void compare_what_is_ready(Duration length);
  void take(std::span<const Pair> parts, Duration length);
  const Level& most_telling() const;

  double alpha_, factor_;
  std::vector<Level> levels_;
  Strata<Sketch> strata_{Lonely::with_each_other};
  Duration pending_{};
  Sketch recent_, earlier_;  // of the previous release: this generation and the one before
  Duration generation_{};
  bool decided_ = false;
};

}  // namespace davy::judge
