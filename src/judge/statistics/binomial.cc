#include "judge/statistics/binomial.h"

#include <algorithm>
#include <cmath>

#include "judge/statistics/normal.h"

namespace davy::judge {
namespace {

constexpr double kExactly = 20'000;  // events up to which the tail is summed; the normal's beyond

double log_of(double k, double n, double p) {
  return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * std::log(p) + (n - k) * std::log1p(-p);
}

// The terms of a tail beyond the mean fall at least geometrically: once they are small they stay so.
double sum_from(double first, double n, double p) {
  double sum = 0, term = std::exp(log_of(first, n, p)), odds = p / (1 - p);
  for (double k = first; k <= n && (term > sum * 1e-17 || k < n * p); ++k)
    sum += term, term *= (n - k) / (k + 1) * odds;
  return std::min(sum, 1.0);
}

}  // namespace

// Summed over the smaller tail, whose terms begin at their largest.
double binomial_at_least(double events, double of, double p) {
  if (events <= 0) return 1;
  if (events > of || p <= 0) return 0;
  if (p >= 1) return 1;
  if (of > kExactly && of * p > 100 && of * (1 - p) > 100)
    return normal_above((events - 0.5 - of * p) / std::sqrt(of * p * (1 - p)));
  return events > of * p ? sum_from(events, of, p) : std::max(0.0, 1 - sum_from(of - events + 1, of, 1 - p));
}

double poisson_tail(std::uint64_t events, double mean) {
  if (events == 0) return 1;
  if (mean <= 0) return 0;
  double n = static_cast<double>(events);
  if (mean > 1000) return 0.5 * std::erfc((n - 0.5 - mean) / std::sqrt(2 * mean));
  double below = 0;
  for (double k = 0; k < n; ++k) below += std::exp(k * std::log(mean) - mean - std::lgamma(k + 1));
  return std::max(0.0, 1 - below);
}

double highest_rate(double events, double of, double chance) {
  if (of <= 0 || events >= of) return 1;
  double low = 0, high = 1;
  for (int i = 0; i < 50; ++i) {
    double p = (low + high) / 2;
    (1 - binomial_at_least(events + 1, of, p) > chance ? low : high) = p;
  }
  return high;
}

}  // namespace davy::judge
