// Evidence that something happens more often on one side of a split than its share explains, for ratios of the two
// rates that nobody knows beforehand, mixed over the moment from which it is so.
//
// c of the e events of a window fell on the candidate, whose share of what could have happened is θ. Each factor is a
// likelihood ratio against the largest ratio ρ that is no news (the floor; 1: any difference is news):
//   [ r^c / (1 − θ + rθ)^e ] / [ ρ^c / (1 − θ + ρθ)^e ],  r > ρ
// Its expectation is at most 1 for every true ratio up to ρ, since it rises with c and c is then stochastically
// smaller. So products of factors, and means of such products, are supermartingales, and by Ville's inequality the
// mean ever reaches 1/α with probability at most α. Ratios below 1 are held against 1/ρ, for shifts the other way.
//
// Where events are no small part of a window's requests, "each falls on the candidate with probability θ" gives away
// most of what is known: of 10 requests 5 failed, and they are exactly the candidate's 5. There the factor is that of
// Fisher's noncentral hypergeometric distribution, which is as exact and rises with c as well. It is of odds: a ratio r
// of rates is one of r(1 − p)/(1 − rp) there, p being the previous release's rate so far. Which of the two a window
// gets depends on its events and requests, not on how they are split.
#pragma once
#include <array>
#include <cstddef>
#include <span>

#include "base/time.h"

namespace davy::judge {

// What happened in a window on each side, and the candidate's share of what could have happened. With the requests of
// both the exact factor may be taken; without them events are drawn with replacement.
struct Split {
  double own = 0, other = 0, share = 0;
  double own_requests = 0, other_requests = 0;
  double rate = 0;  // of the previous release, in earlier windows: what a ratio of rates is as one of odds
};

class RatioMixture {
 public:
  static constexpr std::size_t kMostRatios = 18;
  static constexpr double kUncapped = 1e277;
  using Each = std::array<double, kMostRatios>;  // a logarithm for each ratio

  // The grid must outlive this object; at most kMostRatios of them are looked at. They are multiples of the floor.
  explicit RatioMixture(std::span<const double> grid, double floor = 1);

  // deflation (>= 1): the factor is raised to the power 1/deflation, since so many events say what one would. A factor
  // counts up to `most`: what is cut from a martingale's gains leaves a supermartingale, so any cap is allowed.
  void see(const Split&, double deflation, Duration length, double most = kUncapped);

  // The same in two steps, for several windows or endpoints at shares of their own that are capped together.
  Each log_factors(const Split&, double deflation) const;
  Each log_factors(std::span<const Split>, double deflation) const;
  static Each deflated(const Each& log_factors, double deflation);
  void see(const Each& log_factors, Duration length, double most);

  // The mixture; with `more`, had that happened as well.
  double evidence() const;
  double evidence(const Split& more, double deflation, double most = kUncapped) const;
  double evidence(const Each& more, double most) const;
  // The same, held against a bound: most windows are far from it and need no exponential to tell.
  bool reaches(double bound, const Each& more, double most) const;
  bool from_start() const;  // it was so all along; false: it became so

 private:
  double mean(const Each& powers_of_e) const;

  std::size_t ratios_;
  Each ratio_{}, null_{};  // what is held against what
  Each log_ratio_{};       // less the logarithm of the null
  Each since_start_{};     // log Π over all windows
  Each mixed_{};           // Σ_τ p_τ Π_{t≥τ}, cut off where it exceeds any bound
  double later_ = 0;       // the weight of all τ still to come
  Duration seen_{};
};

}  // namespace davy::judge
