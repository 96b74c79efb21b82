// Fixed batches: how far a z value must be at each of a few planned looks, so that all looks together are wrong with
// probability at most alpha (Lan & DeMets 1983, "Discrete sequential boundaries for clinical trials", with their
// spending function after O'Brien & Fleming 1979: almost nothing early, nearly all of alpha at the end). For phases of
// a rollout that are looked at once, at their end; a test that is looked at after every window needs evidence instead
// (counts.h).
#pragma once
#include <span>
#include <vector>

namespace davy::judge {

// What of a one-sided alpha may be spent by the fraction of the information that is in: 2·(1 − Φ(z_{α/2}/√t)).
double obrien_fleming_spending(double alpha, double fraction);

// One-sided bounds for looks at these fractions (rising, in (0, 1]); empty when they are not. alpha in (0, 0.5]. A look
// at which nothing may be spent yet is infinite.
std::vector<double> obrien_fleming(double alpha, std::span<const double> fractions);

// z for "the candidate's rate is higher": of the exact binomial tail, so that few errors do not look like more.
double rate_z(double own, double own_requests, double other, double other_requests);

class BatchTest {
 public:
  BatchTest(double alpha, std::span<const double> fractions) : bounds_(obrien_fleming(alpha, fractions)) {}
  void see(double z);  // the next look, over all batches so far; looks beyond those planned say nothing
  bool decided() const { return decided_; }
  std::size_t looks() const { return looks_; }
  double bound() const;  // of the next look; infinite after the last

 private:
  std::vector<double> bounds_;
  std::size_t looks_ = 0;
  bool decided_ = false;
};

}  // namespace davy::judge
