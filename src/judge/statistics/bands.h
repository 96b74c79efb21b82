// What is known of a release's latencies as a whole, at any time: a band around the distribution that holds the truth
// at every latency and every look, with one bound on the chance that it ever fails (EmpiricalProcessBound). For showing
// a quantile with its uncertainty, and for comparing two distributions of which each stays as it is.
//
// It does not survive a load that changes while the split changes: quantiles.h says why and is what decides about live
// traffic; docs/statistics.md has both measured.
#pragma once
#include <utility>

#include "judge/numbers/sketch.h"
#include "judge/statistics/bounds.h"

namespace davy::judge {

// Between which latencies the q-quantile lies: edges of buckets, so a little wider than the band. deflation >= 1: so
// many requests say what one would. Zero and the largest Duration where nothing is known.
std::pair<Duration, Duration> quantile_interval(const Sketch&, double q, const EmpiricalProcessBound&,
                                                double deflation = 1);

class BandTest {
 public:
  // "At some latency the candidate has more of its requests beyond factor times it than the previous release beyond
  // it."
  explicit BandTest(double alpha, double factor = 1, double t_min = 100);
  void see(const Sketch& candidate, const Sketch& previous);
  bool decided() const { return decided_; }  // stays
  // The largest distance in the bad direction, and what it must exceed.
  double gap() const { return gap_; }
  double bound() const;
  Duration where() const { return where_; }  // of the previous release
  void deflate(double d) { deflation_ = d < 1 ? 1 : d; }

 private:
  void compare();

  EmpiricalProcessBound band_;
  double factor_, deflation_ = 1, gap_ = 0;
  Sketch own_, other_;
  Duration where_{};
  bool decided_ = false;
};

}  // namespace davy::judge
