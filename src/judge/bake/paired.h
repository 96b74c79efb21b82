// Two releases over a stretch of time, compared within its moments: pools of different times differ where the split or
// the common error rate moved, though the releases do not.
#pragma once
#include "judge/statistics/blocks.h"
#include "judge/statistics/counts.h"
#include "judge/statistics/spending.h"

namespace davy::judge {

// The ratio of two rates over strata, each weighing as much as it can say.
class MantelHaenszel {
 public:
  void see(double own, double other, double own_requests, double other_requests) {
    double all = own_requests + other_requests;
    above_ += own * other_requests / all, below_ += other * own_requests / all;
  }
  std::optional<double> value() const { return below_ > 0 ? std::optional(above_ / below_) : std::nullopt; }

 private:
  double above_ = 0, below_ = 0;
};

class Paired {
 public:
  Paired();
  void see(const Count& candidate, const Count& previous, Duration length);

  double compared() const { return own_requests_; }  // the candidate's requests
  double seen() const { return seen_; }              // the same, compared or not
  // Of the rates (Mantel & Haenszel 1959), as the tests count events: by client where they can. Nothing: the previous
  // release had no event, or nothing was compared.
  std::optional<double> ratio() const { return events_ratio_.value(); }
  // The same of every event, as a plan's condition counts them.
  std::optional<double> ratio_of_all() const { return all_ratio_.value(); }
  // The chance that a candidate with `ratio` times the previous release's rate has so many events or more.
  double chance_of_so_many(double ratio) const;

 private:
  double worth() const;  // so many events say what one would

  CountTest counts_;  // gathers, and knows how events come
  // The same of longer stretches: strangers come in bursts of seconds, which windows of 100 ms hold one by one.
  Unevenness bursts_{Measured::bursts};
  double step_ = 0, variance_ = 0;
  Duration block_{};
  std::map<int, double> events_;  // by share, in thousandths
  double seen_ = 0, own_requests_ = 0, own_ = 0;
  Count pending_own_, pending_other_;  // since something was compared
  MantelHaenszel events_ratio_, all_ratio_;
};

}  // namespace davy::judge
