#include "judge/statistics/spending.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "judge/statistics/normal.h"

namespace davy::judge {
namespace {

constexpr double kExactly = 20'000;  // events up to which the tail is summed
constexpr int kSteps = 600;          // even: Simpson's rule
constexpr double kFarthest = 8.5;    // standard deviations below which nothing is left

// Density of B(t) = Z·√t among the runs that no earlier look stopped, on an even grid from low to high (Armitage,
// McPherson & Rowe 1969).
struct Density {
  double time = 0, low = 0, step = 0;
  std::vector<double> at;

  double point(int i) const { return low + step * i; }
  double integral(auto&& f) const {
    double all = 0;
    for (int i = 0; i <= kSteps; ++i) {
      double weight = i == 0 || i == kSteps ? 1 : i % 2 ? 4 : 2;
      all += weight * at[static_cast<std::size_t>(i)] * f(point(i));
    }
    return all * step / 3;
  }
};

// P(not stopped before, and B(time) > b).
double beyond(const Density* before, double time, double b) {
  if (!before) return normal_above(b / std::sqrt(time));
  double deviation = std::sqrt(time - before->time);
  return before->integral([&](double u) { return normal_above((b - u) / deviation); });
}

Density next(const Density* before, double time, double b) {
  double low = -kFarthest * std::sqrt(time);
  Density out{time, low, (b - low) / kSteps, {}};
  double deviation = std::sqrt(before ? time - before->time : time);
  for (int i = 0; i <= kSteps; ++i) {
    double s = out.point(i);
    auto from = [&](double u) { return normal_density((s - u) / deviation) / deviation; };
    out.at.push_back(before ? before->integral(from) : from(0));
  }
  return out;
}

bool rising(std::span<const double> fractions) {
  double last = 0;
  for (double f : fractions)
    if (!(f > last && f <= 1))
      return false;
    else
      last = f;
  return true;
}

}  // namespace

double obrien_fleming_spending(double alpha, double fraction) {
  if (fraction <= 0) return 0;
  return 2 * normal_above(-normal_quantile(alpha / 2) / std::sqrt(std::min(fraction, 1.0)));
}

std::vector<double> obrien_fleming(double alpha, std::span<const double> fractions) {
  if (!rising(fractions) || !(alpha > 0 && alpha <= 0.5)) return {};
  std::vector<double> out;
  std::optional<Density> density;
  double spent = 0;
  for (double time : fractions) {
    double now = obrien_fleming_spending(alpha, time) - spent, most = kFarthest * std::sqrt(time);
    auto before = density ? &*density : nullptr;
    double low = 0, high = most;
    for (int i = 0; i < 60; ++i) {
      double middle = (low + high) / 2;
      (beyond(before, time, middle) > now ? low : high) = middle;
    }
    bool nothing = high >= most * 0.999;
    out.push_back(nothing ? INFINITY : high / std::sqrt(time));
    density = next(before, time, high);
    if (!nothing) spent += now;
  }
  return out;
}

// P(at least `own` of `all` events are the candidate's, at its share), summed from the far end.
static double at_least(double own, double all, double share) {
  double sum = 0;
  for (double k = all; k >= own; --k)
    sum += std::exp(std::lgamma(all + 1) - std::lgamma(k + 1) - std::lgamma(all - k + 1) + k * std::log(share) +
                    (all - k) * std::log1p(-share));
  return std::min(sum, 1.0);
}

double rate_z(double own, double own_requests, double other, double other_requests) {
  double all = own + other, share = own_requests / (own_requests + other_requests);
  if (own_requests <= 0 || other_requests <= 0 || all <= 0) return 0;
  double expected = all * share, deviation = std::sqrt(expected * (1 - share));
  if (all > kExactly) return (own - expected) / deviation;
  double tail = at_least(own, all, share);
  return tail > 0.5 ? std::min(0.0, (own - expected) / deviation) : -normal_quantile(std::max(tail, 1e-300));
}

double BatchTest::bound() const { return looks_ < bounds_.size() ? bounds_[looks_] : INFINITY; }

void BatchTest::see(double z) {
  decided_ = decided_ || z >= bound();
  if (looks_ < bounds_.size()) ++looks_;
}

}  // namespace davy::judge
