#include "judge/statistics/bounds.h"

#include <cmath>

#include "judge/statistics/normal.h"

namespace davy::judge {
namespace {

double best_rho(double v, double alpha) {
  double l = 2 * std::log(1 / alpha);
  return v / (l + std::log1p(l));
}

// Where a rising function reaches `wanted`.
template <class F>
double rises_to(double wanted, double low, double high, F&& f) {
  for (int i = 0; i < 80; ++i) {
    double middle = (low + high) / 2;
    (f(middle) < wanted ? low : high) = middle;
  }
  return (low + high) / 2;
}

// The chance that the bound with (A, C) is ever exceeded, for one η of the proof's peeling.
double chance(double a, double c, double eta) {
  double root = a - std::sqrt(2 * (eta - 1) / c);
  double gamma = 2 / eta * root * root;
  if (root <= 0 || gamma <= 1) return INFINITY;
  return 4 * std::exp(-gamma * c) * (1 + 1 / ((gamma - 1) * std::log(eta)));
}

// The best η, by thirds: the chance falls and then rises.
double least_chance(double a, double c) {
  double low = 1, high = 2 * a * a;
  while (std::isinf(chance(a, c, high)) && high > 1 + 1e-9) high = 1 + (high - 1) * 0.99;
  for (int i = 0; i < 200; ++i) {
    double third = (high - low) / 3;
    if (chance(a, c, low + third) < chance(a, c, high - third))
      high -= third;
    else
      low += third;
  }
  return chance(a, c, (low + high) / 2);
}

}  // namespace

NormalMixture::NormalMixture(double best_at, double alpha) : rho_(best_rho(best_at, alpha)) {}

double NormalMixture::bound(double v, double alpha) const {
  return std::sqrt((v + rho_) * (std::log1p(v / rho_) + 2 * std::log(1 / alpha)));
}

double NormalMixture::log_evidence(double sum, double v) const {
  return std::log(rho_ / (v + rho_)) / 2 + sum * sum / (2 * (v + rho_));
}

OneSidedNormalMixture::OneSidedNormalMixture(double best_at, double alpha) : rho_(best_rho(best_at, 2 * alpha)) {}

double OneSidedNormalMixture::log_evidence(double sum, double v) const {
  double deviation = std::sqrt(v + rho_);
  return std::log(4 * rho_ / (v + rho_)) / 2 + sum * sum / (2 * (v + rho_)) + std::log(normal_below(sum / deviation));
}

double OneSidedNormalMixture::bound(double v, double alpha) const {
  double most = 20 * std::sqrt((v + rho_) * (1 + std::log1p(v / rho_) + std::log(1 / alpha)));
  return rises_to(std::log(1 / alpha), 0, most, [&](double sum) { return log_evidence(sum, v); });
}

double log_t_mixture(double n, double t, double g) {
  if (n < 2) return 0;
  double freedom = n - 1, spread = 1 + n * g;
  return -std::log(spread) / 2 + n / 2 * (std::log1p(t * t / freedom) - std::log1p(t * t / (freedom * spread)));
}

EmpiricalProcessBound::EmpiricalProcessBound(double alpha, double t_min, double a)
    : t_min_(t_min), a_(a), c_(rises_to(-alpha, 1, 200, [a](double c) { return -least_chance(a, c); })) {}

double EmpiricalProcessBound::operator()(double t) const {
  return t < t_min_ ? INFINITY : a_ * std::sqrt((std::log1p(std::log(t / t_min_)) + c_) / t);
}

}  // namespace davy::judge
