// Does the candidate fail while it has all the users? Nobody serves beside it then, so nothing of the same moment can
// be compared. A candidate that fails everything only there (a cache that is too small for all, a queue that only the
// last share fills, a path that only some users take) would be kept until its bake is over.
//
// What is left to compare with is the previous release before: of the minute before the run, and of the phases in which
// it still served, the same run's. Rates of two times may differ for many reasons, so only what no usual day does is
// looked for: more than 5 % of the requests, and more than five times what the previous release failed. n requests with
// e errors say, for each rate q beyond that bound p,
//   (q/p)^e ((1−q)/(1−p))^(n−e)
// which has expectation 1 at p and less below it, so products and means of these are supermartingales like those of
// ratio_mixture.h.
//
// What no bound on the rate excludes is trouble that both would have had: a database that is away. That is found out by
// the crossing that a strike (strikes.h) brings: the users go to the previous release for half a minute, then come
// back. Trouble, none while the others serve, trouble again: that is the release (as in a switchback experiment). If
// the previous release fails as well meanwhile, it is not, and people must look. Where users are not taken away there
// is no crossing, and trouble must last longer than a minute.
#pragma once
#include <optional>

#include "judge/statistics/blocks.h"
#include "judge/statistics/strikes.h"

namespace davy::judge {

class Alone {
 public:
  static constexpr double kFloor = 0.05, kTimes = 5;

  // before: the previous release's requests and errors before the run.
  Alone(double alpha, const Count& before);

  // asked: the candidate's share of the users, where it is known.
  void see(const Count& candidate, const Count& previous, std::optional<double> asked, Duration length);

  bool struck();  // as ErrorTest
  bool decided() const { return strikes_.decided(); }
  bool on_trial() const { return strikes_.phase() != Strikes::Phase::watching; }

  // What is to be thought of it once it is decided.
  enum class Cause { the_release, perhaps_clients, perhaps_both, nothing_to_compare };
  Cause cause() const;

  struct Failed {
    double errors = 0, requests = 0;
    double rate() const { return requests > 0 ? errors / requests : 0; }
  };
  const Failed& latest() const { return latest_; }  // the candidate's: in the trial, else of the last seconds
  double recent_rate() const { return strikes_.recent_rate(); }
  const Failed& reference() const { return reference_; }  // the previous release's, of late before
  const Failed& between() const { return between_; }      // the same, while the candidate had no users
  double bound_on_rate() const;                           // up to so much is no news

 private:
  bool has_all(const Count& candidate, const Count& previous, std::optional<double> asked);
  void learn(const Count& previous, Duration length);
  void remember(const Count& candidate, Duration length);
  Counted counted(const Count& candidate, Duration length);
  void measure(double requests, double errors, Duration length);
  RatioMixture::Each factors(const Counted&) const;
  bool by_client() const;

  Strikes strikes_;
  Crowd crowd_;
  Dispersion dispersion_;
  Unevenness unevenness_;
  mutable std::optional<double> bound_;  // worked out once for what reference_ is
  Failed reference_, between_, latest_;
  double own_ = 0, all_ = 0;  // of the last requests, where nobody says what was asked
  double step_ = 0, variance_ = 0;
  Duration block_{};
  double firsts_ = 0;  // of latest_: errors that were a client's first
  int told_ = 0;
};

}  // namespace davy::judge
