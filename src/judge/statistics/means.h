// "Does the candidate use more than the previous release?", for gauges (memory, CPU, the length of a queue) that are
// read of both at the same moments, asked after every reading.
//
// What is tested is the difference d = candidate − factor × previous of each moment, so that load which both share
// cancels. Readings of a gauge resemble the ones before them, so they are gathered into blocks of 8, and n blocks count
// as n/D of them, D = (1+φ)/(1−φ) from the measured correlation φ of neighbouring blocks. The evidence is the t mixture
// of these (bounds.h): the variance is never assumed, and few blocks prove little.
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

  double candidate() const { return mean(own_); }
  double previous() const { return mean(other_); }
  double correlation() const;  // of neighbouring blocks, in [0, 1)
  // Where the mean of candidate − factor × previous lies, at any time at once (normal mixture with the measured
  // variance: for many blocks only). Nothing below 10 independent blocks.
  struct Interval {
    double low = 0, high = 0;
  };
  std::optional<Interval> difference() const;
  std::optional<Outlook> outlook() const;  // only its time

 private:
  double mean(double sum) const { return readings_ == 0 ? 0 : sum / static_cast<double>(readings_); }
  double variance() const;  // of a block's mean
  double worth() const;     // independent blocks
  double evidence_of(double blocks) const;
  void close();

  double alpha_, factor_;
  Sided sides_;
  double own_ = 0, other_ = 0, block_ = 0;
  std::uint64_t readings_ = 0;
  int in_block_ = 0;
  // Of the closed blocks' means: how many, their mean, squares and products with the one before, both about the mean.
  double blocks_ = 0, mean_ = 0, squares_ = 0, steps_ = 0, last_ = 0;
  Duration time_{};
  double evidence_ = 1;
  bool decided_ = false;
};

}  // namespace davy::judge
