// The evidence that events fall more often on the candidate than its share of the traffic explains: what the count test
// and the quantile test have in common.
//
// Given the events of a window, an equal candidate gets each with probability θ, its realised share; one whose rate is
// r times as high with rθ/(1−θ+rθ). For each r of a grid the likelihood ratio
//   Π_t r^{own_t} / (1 − θ_t + rθ_t)^{own_t + other_t}
// is a martingale for an equal candidate, and so is any mixture of them with fixed weights: over r, and over the moment
// τ from which the candidate is worse, Σ_τ p_τ Π_{t≥τ}. By Ville's inequality it ever reaches 1/α with probability at
// most α. counts.h says where this comes from.
#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "base/time.h"

namespace davy::judge {

// What happened in a window on each side, and the candidate's share of what could have happened.
struct Split {
  double own = 0, other = 0, share = 0;
};

class RatioMixture {
 public:
  static constexpr std::size_t kMostRatios = 18;
  static constexpr double kUncapped = 1e277;
  // The grid of ratios must outlive this object; at most kMostRatios of them.
  explicit RatioMixture(std::span<const double> ratios);

  // deflation (>= 1): the factor is raised to the power 1/deflation, since so many events say what one would. A factor
  // counts up to `most`: what is cut from a martingale's gains leaves a supermartingale, so any cap is allowed.
  void see(const Split&, double deflation, Duration length, double most = kUncapped);

  // The mixture; with `more`, had that happened as well.
  double evidence() const;
  double evidence(const Split& more, double deflation, double most = kUncapped) const;
  bool from_start() const;  // it was so all along; false: it became so

 private:
  using Each = std::array<double, kMostRatios>;
  Each log_factors(const Split&, double deflation, double most) const;
  double mean(const Each& powers_of_e) const;

  std::span<const double> ratios_;
  Each logs_{};         // of the ratios
  Each since_start_{};  // log Π over all windows
  Each mixed_{};        // Σ_τ p_τ Π_{t≥τ}, cut off where it exceeds any bound
  double later_ = 0;    // the weight of all τ still to come
  Duration seen_{};
};

}  // namespace davy::judge
