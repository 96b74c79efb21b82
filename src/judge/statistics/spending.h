// Fixed batches: how far a z value must be at each of a few planned looks, so that all looks together are wrong with
// probability at most alpha (Lan & DeMets 1983, "Discrete sequential boundaries for clinical trials", with their
// spending function after O'Brien & Fleming 1979: almost nothing early, nearly all of alpha at the end). For phases of
// a rollout that are looked at once, at their end; a test that is looked at after every window needs evidence instead
// (counts.h).
#pragma once
#include <cmath>
#include <map>
#include <span>
#include <vector>

namespace davy::judge {

// What of a one-sided alpha may be spent by the fraction of the information that is in: 2·(1 − Φ(z_{α/2}/√t)).
double obrien_fleming_spending(double alpha, double fraction);

// One-sided bounds for looks at these fractions (rising, in (0, 1]); empty when they are not. alpha in (0, 0.5]. A look
// at which nothing may be spent yet is infinite.
std::vector<double> obrien_fleming(double alpha, std::span<const double> fractions);

// Where the sum stands among the runs that no earlier look stopped, on an even grid (Armitage, McPherson & Rowe 1969).
struct Density {
  double information = 0, low = 0, step = 0;
  std::vector<double> at = {};  // none: no look yet
};

// z for "the candidate's rate is higher": of the exact binomial tail, so that few errors do not look like more.
double rate_z(double own, double own_requests, double other, double other_requests);

// The same for binomials of different shares added up: errors of windows between which the split moved. z of the tail
// by its saddle point (Lugannani & Rice 1980, with their correction for what comes in whole numbers), which is right
// where the normal's is not: at few events.
class SplitSum {
 public:
  void see(double own, double all, double share);
  double own() const { return own_; }
  double information() const { return variance_; }  // of the sum
  double z() const;

 private:
  struct Cumulants {
    double k = 0, first = 0, second = 0;
  };
  Cumulants at(double t) const;

  std::map<int, double> events_;  // by share, in thousandths
  double own_ = 0, all_ = 0, variance_ = 0, mean_ = 0;
};

// Looks planned by the calendar, with the information that each of them really has: so much of alpha is spent by each
// as was planned, and how looks hang together is what it turned out to be.
class BatchTest {
 public:
  BatchTest(double alpha, std::span<const double> fractions);
  // The next look, over all batches so far; looks beyond those planned say nothing. Information in any unit, rising; a
  // look without more of it than the one before spends nothing.
  void see(double z, double information);
  void see(double z);  // as much information as was planned, at all looks
  bool decided() const { return decided_; }
  std::size_t looks() const { return looks_; }
  double bound(double information) const;  // of the next look; infinite after the last
  double bound() const { return looks_ < planned_.size() ? planned_[looks_] : INFINITY; }

 private:
  double share_of_alpha() const;

  double alpha_;
  std::vector<double> fractions_, planned_;  // planned: bounds at just these fractions
  Density density_;
  double spent_ = 0, information_ = 0;
  std::size_t looks_ = 0;
  bool decided_ = false;
};

}  // namespace davy::judge
