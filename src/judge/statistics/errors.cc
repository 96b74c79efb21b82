#include "judge/statistics/errors.h"

#include <algorithm>
#include <utility>

namespace davy::judge {

// Without strikes all of alpha is the blocks'.
ErrorTest::ErrorTest(const Asked& a)
    : alpha_(a.strikes ? a.alpha / 2 : a.alpha),
      counts_(a.alpha, a.sided, a.worse_by),
      blocks_(rate_ratios(a.sided), 1 + a.worse_by, Measured::bursts) {
  if (a.strikes) strikes_.emplace(rate_ratios(a.sided), 1 + a.worse_by, alpha_);
}

void ErrorTest::see(const Count& candidate, const Count& previous, Duration length) {
  auto moment = counts_.of_strangers() ? Strikes::kLongMoment : Strikes::kMoment;
  if (strikes_ && strikes_->pass(candidate.requests, length, moment)) drop_pending(), loops_ = {};
  auto counted = counts_.see(candidate, previous, length);
  if (!counted) return;
  blocks_.see(counted->parts, counted->log_factors, counted->length, events());
  loops_.see(counted->own_requests, counted->length);
  if (on_trial() && !counts_.by_client())
    counted->deflation = trial_deflation();
  else if (Strikes::nothing_well(*counted))
    counted->deflation = 1;
  if (strikes_) strikes_->see(*counted);
  decided_ = decided_ || blocks_.reaches(1 / alpha_) || (strikes_ && strikes_->decided());
}

Events ErrorTest::events() const {
  if (counts_.by_client()) return Events::independent;
  return counts_.of_strangers() ? Events::of_strangers : Events::in_bursts;
}

// Bursts may last: a trial goes by how uneven the errors of longer stretches are, and the one that is under way is
// among them, which is to the careful side.
double ErrorTest::trial_deflation() const {
  auto measured = std::max(counts_.dispersion(), blocks_.deflation());
  return counts_.of_strangers() ? std::max(measured, loops_.deflation()) : measured;
}

bool ErrorTest::struck() {
  if (!strikes_ || decided_) return false;
  int before = std::exchange(told_, strikes_->strikes());
  return told_ > before;
}

double ErrorTest::ratio_surely() const {
  bool by_trial = strikes_ && strikes_->decided();
  if (counts_.by_client()) return by_trial ? judge::ratio_surely(strikes_->tried(), 1) : counts_.ratio_surely();
  auto s = by_trial ? strikes_->tried() : counts_.errors();
  if (counts_.of_strangers()) s.own = std::max(0.0, s.own - (by_trial ? loops_ : blocks_.loops()).errors());
  return judge::ratio_surely(s, counts_.dispersion());
}

double ErrorTest::added_rate() const {
  auto rate = [](const Count& c) {
    return c.requests == 0 ? 0 : static_cast<double>(c.errors) / static_cast<double>(c.requests);
  };
  double own = strikes_ ? strikes_->recent_rate() : 0;
  return std::max(own, rate(counts_.candidate())) - rate(counts_.previous());
}

}  // namespace davy::judge
