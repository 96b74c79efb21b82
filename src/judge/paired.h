// Two releases over a stretch of time, compared within its moments: pools of different times differ where the split or
// the common error rate moved, though the releases do not.
#pragma once
#include "judge/statistics/counts.h"
#include "judge/statistics/spending.h"

namespace davy::judge {

class Paired {
 public:
  Paired();
  void see(const Count& candidate, const Count& previous, Duration length);

  double compared() const { return own_requests_; }  // the candidate's requests
  // Of the rates (Mantel & Haenszel 1959); nothing: the previous release had no event, or nothing was compared.
  std::optional<double> ratio() const;
  // The chance that a candidate with `ratio` times the previous release's rate has so many events or more.
  double chance_of_so_many(double ratio) const;

 private:
  CountTest counts_;              // gathers, and knows how events come
  std::map<int, double> events_;  // by share, in thousandths
  double own_requests_ = 0, own_ = 0;
  double above_ = 0, below_ = 0;
};

}  // namespace davy::judge
