// "Does the candidate use more than the previous release?", for gauges (memory, CPU, the length of a queue) that are
// read of both at the same moments, asked after every reading.
//
// What is tested is the difference d = candidate − factor × previous of each moment, so that load which both share
// cancels. Readings of a gauge resemble the ones before them, so they are gathered into blocks of 8, and n blocks count
// as n/D of them, D = (1+φ)/(1−φ) from the measured correlation φ of neighbouring blocks. The evidence is the t mixture
// of these (bounds.h): the variance is never assumed, and few blocks prove little.
//
// A candidate may also begin to use more after a good day. So the evidence is a mixture over the moment from which it
// is worse, as in counts.h: three quarters of the weight on the start, the rest on starts after 12, 24, 48 … blocks.
//
// What it cannot do:
//  - A factor of 1 finds out that two processes are two: equal releases differ in their level for as long as they live
//    (heap sizes, instances of a host). Name the factor that matters, 1.1 or more.
//  - A gauge that wanders without a level (a leak, a cache that fills) has no mean: ask for its growth.
//  - D is measured, so the bound holds in the long run and by simulation (bench/judge_bench), not by proof.
//  - Swings of one release alone that last for longer than some minutes, such as a cache that fills once, are taken for
//    a difference.
#pragma once
#include <optional>

#include "judge/statistics/counts.h"

namespace davy::judge {

class MeanTest {
 public:
  // either_worse: too low counts as well; the factor must then be 1.
  explicit MeanTest(double alpha, double factor = 1.1, Sided = Sided::candidate_worse);

  // One reading of each, taken at the same moment. What is not finite says nothing and changes nothing.
  void see(double candidate, double previous, Duration since_the_one_before);
  bool decided() const { return decided_; }      // stays
  double evidence() const { return evidence_; }  // how many times likelier than for an equal candidate, now
  double bound() const { return 1 / alpha_; }

  // Since the moment from which it most likely is worse:
  double candidate() const { return mean(starts_[best_].own); }
  double previous() const { return mean(starts_[best_].other); }
  double correlation() const { return starts_[best_].correlation(); }  // of neighbouring blocks, in [0, 1)
  // Where the mean of candidate − factor × previous lies, at any time at once (normal mixture with the measured
  // variance: for many blocks only). Nothing below 10 independent blocks.
  struct Interval {
    double low = 0, high = 0;
  };
  std::optional<Interval> difference() const;
  std::optional<Outlook> outlook() const;  // only its time

 private:
  // The blocks from some moment on: how many, the mean of their differences, and squares and steps about it.
  struct Start {
    double blocks = 0, mean = 0, squares = 0, steps = 0, last = 0;
    double own = 0, other = 0;  // sums of the blocks' means
    void see(double candidate, double previous, double factor);
    double variance() const;  // of a block's mean
    double correlation() const;
    double worth() const;  // independent blocks
  };
  double mean(double sum) const { return starts_[best_].blocks == 0 ? 0 : sum / starts_[best_].blocks; }
  double evidence_of(const Start&, double blocks) const;
  void close();
  void weigh();

  double alpha_, factor_;
  Sided sides_;
  double block_own_ = 0, block_other_ = 0;
  int in_block_ = 0;
  std::vector<Start> starts_{1};
  std::size_t best_ = 0;
  std::uint64_t blocks_ = 0, next_start_ = 12;
  Duration time_{};
  double evidence_ = 1;
  bool decided_ = false;
};

}  // namespace davy::judge
