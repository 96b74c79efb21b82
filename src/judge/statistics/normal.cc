#include "judge/statistics/normal.h"

#include <cmath>
#include <numbers>

namespace davy::judge {

double normal_density(double z) { return std::exp(-z * z / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2; }
double normal_above(double z) { return std::erfc(z / std::numbers::sqrt2) / 2; }
double normal_below(double z) { return normal_above(-z); }

// By halving: called when a test is set up, not when it looks.
double normal_quantile(double p) {
  if (p > 0.5) return -normal_quantile(1 - p);
  if (!(p > 0)) return -INFINITY;
  double low = -39, high = 0;
  for (int i = 0; i < 100; ++i) {
    double middle = (low + high) / 2;
    (normal_below(middle) < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace davy::judge
