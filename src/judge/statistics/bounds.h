// Bounds that hold at all times at once: what a sum of noise, a t statistic or an empirical distribution exceeds at any
// look with probability at most alpha.
#pragma once

namespace davy::judge {

// Robbins' normal mixture for a sum whose variance so far is v, tightest where v = best_at (Howard, Ramdas, McAuliffe &
// Sekhon 2021, "Time-uniform, nonparametric, nonasymptotic confidence sequences", arXiv 1810.08240, eq. 14). This is
// the mSPRT of Johari, Koomen, Pekelis & Walsh 2022.
class NormalMixture {
 public:
  NormalMixture(double best_at, double alpha);
  double rho() const { return rho_; }
  double bound(double v, double alpha) const;       // two-sided: the sum's distance from its mean
  double log_evidence(double sum, double v) const;  // two-sided: the logarithm of the mixture, of which 1/alpha decides

 private:
  double rho_;
};

// The same where only a sum that is too high counts (ibid., eq. 15): half of the mixture's normal.
class OneSidedNormalMixture {
 public:
  OneSidedNormalMixture(double best_at, double alpha);
  double bound(double v, double alpha) const;
  double log_evidence(double sum, double v) const;

 private:
  double rho_;
};

// The mixture for a mean whose variance is not known: n independent normal observations with Student's t for "the mean
// is 0", and a normal prior of variance g on the mean in units of the standard deviation (Gönen, Johnson, Lu & Westfall
// 2005). With the scale integrated out it is a martingale whatever the variance is, hence exact at any n and any look
// (Pérez-Ortiz, Lardy, de Heide & Grünwald 2022, arXiv 2208.07610). n need not be whole. 0 for n < 2.
double log_t_mixture(double n, double t, double g);

// How far an empirical distribution of t >= t_min independent values is from the truth, anywhere, at any t: Howard &
// Ramdas 2022, "Sequential estimation of quantiles with applications to A/B testing and best-arm identification" (arXiv
// 1906.09712), theorem 2: A·sqrt((log(1 + log(t/t_min)) + C)/t).
class EmpiricalProcessBound {
 public:
  EmpiricalProcessBound(double alpha, double t_min, double a = 0.85);
  double operator()(double t) const;  // infinite below t_min

 private:
  double t_min_, a_, c_;
};

}  // namespace davy::judge
