#include "judge/statistics/spending.h"

#include <algorithm>
#include <cmath>

#include "judge/statistics/binomial.h"
#include "judge/statistics/normal.h"

namespace davy::judge {
namespace {

constexpr double kExactly = 20'000;  // events up to which the tail is summed
constexpr int kSteps = 600;          // even: Simpson's rule
constexpr double kFarthest = 8.5;    // standard deviations below which nothing is left

template <class F>
double integral(const Density& d, F&& f) {
  double all = 0;
  for (int i = 0; i <= kSteps; ++i) {
    double weight = i == 0 || i == kSteps ? 1 : i % 2 ? 4 : 2;
    all += weight * d.at[static_cast<std::size_t>(i)] * f(d.low + d.step * i);
  }
  return all * d.step / 3;
}

// P(not stopped before, and the sum is beyond b now).
double beyond(const Density& before, double information, double b) {
  if (before.at.empty()) return normal_above(b / std::sqrt(information));
  double deviation = std::sqrt(information - before.information);
  return integral(before, [&](double u) { return normal_above((b - u) / deviation); });
}

Density next(const Density& before, double information, double b) {
  double low = -kFarthest * std::sqrt(information);
  Density out{information, low, (b - low) / kSteps};
  double deviation = std::sqrt(information - (before.at.empty() ? 0 : before.information));
  for (int i = 0; i <= kSteps; ++i) {
    double s = low + out.step * i;
    auto from = [&](double u) { return normal_density((s - u) / deviation) / deviation; };
    out.at.push_back(before.at.empty() ? from(0) : integral(before, from));
  }
  return out;
}

// The b that so much of alpha is spent by; `most`: nothing may be.
double spending_bound(const Density& before, double information, double spend) {
  double low = 0, high = kFarthest * std::sqrt(information);
  for (int i = 0; i < 60; ++i) {
    double middle = (low + high) / 2;
    (beyond(before, information, middle) > spend ? low : high) = middle;
  }
  return high;
}
bool nothing_to_spend(double information, double b) { return b >= kFarthest * std::sqrt(information) * 0.999; }

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
  Density density;
  double spent = 0;
  for (double time : fractions) {
    double spend = obrien_fleming_spending(alpha, time) - spent, b = spending_bound(density, time, spend);
    bool nothing = nothing_to_spend(time, b);
    out.push_back(nothing ? INFINITY : b / std::sqrt(time));
    density = next(density, time, b);
    if (!nothing) spent += spend;
  }
  return out;
}

double rate_z(double own, double own_requests, double other, double other_requests) {
  double all = own + other, share = own_requests / (own_requests + other_requests);
  if (own_requests <= 0 || other_requests <= 0 || all <= 0) return 0;
  double expected = all * share, deviation = std::sqrt(expected * (1 - share));
  if (all > kExactly) return (own - expected) / deviation;
  double tail = binomial_at_least(own, all, share);
  return tail > 0.5 ? std::min(0.0, (own - expected) / deviation) : -normal_quantile(std::max(tail, 1e-300));
}

void SplitSum::see(double own, double all, double share) {
  if (all <= 0) return;
  events_[static_cast<int>(std::lround(std::clamp(share, 0.001, 0.999) * 1000))] += all;
  own_ += own, all_ += all, mean_ += all * share, variance_ += all * share * (1 - share);
}

SplitSum::Cumulants SplitSum::at(double t) const {
  Cumulants out;
  for (auto& [thousandths, events] : events_) {
    double share = thousandths / 1000.0, tilted = share * std::exp(t) / (1 - share + share * std::exp(t));
    out.k += events * std::log1p(share * std::expm1(t));
    out.first += events * tilted, out.second += events * tilted * (1 - tilted);
  }
  return out;
}

// For P(X >= own); at or below the mean nothing points to a difference.
double SplitSum::z() const {
  double x = own_ - 0.5;
  if (own_ <= 0 || x <= mean_ || variance_ <= 0)
    return variance_ > 0 ? std::min(0.0, (x - mean_) / std::sqrt(variance_)) : 0;
  double low = 0, high = 50;
  for (int i = 0; i < 100; ++i) {
    double t = (low + high) / 2;
    (at(t).first < x ? low : high) = t;
  }
  auto c = at(high);
  double root = std::sqrt(std::max(2 * (high * x - c.k), 0.0)), slope = 2 * std::sinh(high / 2) * std::sqrt(c.second);
  if (root < 0.05 || slope <= 0) return (x - mean_) / std::sqrt(variance_);
  return root + std::log(slope / root) / root;
}

BatchTest::BatchTest(double alpha, std::span<const double> fractions)
    : alpha_(alpha), fractions_(fractions.begin(), fractions.end()), planned_(obrien_fleming(alpha, fractions)) {
  if (planned_.empty()) fractions_.clear();
}

double BatchTest::share_of_alpha() const { return obrien_fleming_spending(alpha_, fractions_[looks_]) - spent_; }

double BatchTest::bound(double information) const {
  if (looks_ >= fractions_.size() || information <= information_ * (1 + 1e-9)) return INFINITY;
  double b = spending_bound(density_, information, share_of_alpha());
  return nothing_to_spend(information, b) ? INFINITY : b / std::sqrt(information);
}

void BatchTest::see(double z) {
  decided_ = decided_ || z >= bound();
  if (looks_ < planned_.size()) ++looks_;
}

void BatchTest::see(double z, double information) {
  if (looks_ >= fractions_.size()) return;
  double at = bound(information);
  decided_ = decided_ || z >= at;
  if (information > information_ * (1 + 1e-9)) {
    bool nothing = std::isinf(at);
    density_ = next(density_, information, nothing ? kFarthest * std::sqrt(information) : at * std::sqrt(information));
    if (!nothing) spent_ += share_of_alpha();
    information_ = information;
  }
  ++looks_;
}

}  // namespace davy::judge
