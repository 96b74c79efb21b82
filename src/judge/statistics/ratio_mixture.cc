#include "judge/statistics/ratio_mixture.h"

#include <algorithm>
#include <cmath>

namespace davy::judge {
namespace {

// How much of the weight is on τ > t: a quarter at the start, then falling so slowly that after two days each minute
// still has a millionth.
constexpr double kOnStart = 0.75;
double later_than(Duration t) { return (1 - kOnStart) / std::sqrt(1 + seconds(t) / 60); }

// Products are cut off there, so that none becomes infinite: the candidate was found out long before.
double cut(double evidence) { return std::min(evidence, RatioMixture::kUncapped); }

// The exact factor costs a sum over the events, and pays where they are one in twenty requests or more.
constexpr double kExactUpTo = 64, kRare = 20;
bool exactly(const Split& s) {
  double events = s.own + s.other;
  return s.own_requests > 0 && s.other_requests > 0 && s.own <= s.own_requests && s.other <= s.other_requests &&
         events > 1 && events <= kExactUpTo && events * kRare >= s.own_requests + s.other_requests;
}

// log Σ_k C(m,k) C(n,e−k) r^k over all k that are possible, less the logarithm of the sum's first term without r^k:
// what is left out is the same for every r.
double log_sum(double m, double n, double e, double r) {
  double first = std::max(0.0, e - n), last = std::min(e, m), term = 1, sum = 1, scale = first * std::log(r);
  for (double k = first; k < last; ++k) {
    term *= (m - k) * (e - k) / ((k + 1) * (n - e + k + 1)) * r;
    sum += term;
    if (sum < 1e200) continue;
    scale += std::log(sum), term /= sum, sum = 1;
  }
  return scale + std::log(sum);
}

double odds(double ratio, double rate) {
  constexpr double kMostKnown = 0.9, kHighest = 0.99;  // no rate is above one, and of one nothing could be told
  double p = std::min(rate, kMostKnown);
  return ratio * (1 - p) / (1 - std::min(ratio * p, kHighest));
}

double log_exact(const Split& s, double ratio) {
  double r = odds(ratio, s.rate);
  return s.own * std::log(r) - log_sum(s.own_requests, s.other_requests, s.own + s.other, r);
}

}  // namespace

RatioMixture::RatioMixture(std::span<const double> grid, double floor)
    : ratios_(std::min(grid.size(), kMostRatios)), later_(later_than({})) {
  for (std::size_t i = 0; i < ratios_; ++i) {
    null_[i] = grid[i] >= 1 ? floor : 1 / floor;
    ratio_[i] = grid[i] * null_[i];
    log_ratio_[i] = std::log(ratio_[i] / null_[i]);
    mixed_[i] = kOnStart;
  }
}

RatioMixture::Each RatioMixture::log_factors(const Split& s, double deflation) const {
  Each out{};
  if (s.own + s.other <= 0) return out;
  bool exact = exactly(s);
  auto against = [&](double r) { return exact ? log_exact(s, r) : std::log(1 + s.share * (r - 1)); };
  double last = 0, null = 0;  // the nulls are few: each is worked out once in a row
  for (std::size_t i = 0; i < ratios_; ++i) {
    if (null_[i] != last) last = null_[i], null = against(last);
    double now = against(ratio_[i]);
    out[i] = (exact ? now - null : s.own * log_ratio_[i] - (s.own + s.other) * (now - null)) / deflation;
  }
  return out;
}

RatioMixture::Each RatioMixture::deflated(const Each& factors, double deflation) {
  auto out = factors;
  if (deflation != 1)
    for (auto& one : out) one /= deflation;
  return out;
}

RatioMixture::Each RatioMixture::log_factors(std::span<const Split> parts, double deflation) const {
  if (parts.size() == 1) return log_factors(parts.front(), deflation);
  Each out{};
  for (auto& part : parts) {
    auto factors = log_factors(part, deflation);
    for (std::size_t i = 0; i < ratios_; ++i) out[i] += factors[i];
  }
  return out;
}

void RatioMixture::see(const Split& s, double deflation, Duration length, double most) {
  see(log_factors(s, deflation), length, most);
}

// A window without events only moves weight from the later moments to this one, which is most of the windows of a good
// service: no exponential there.
void RatioMixture::see(const Each& factors, Duration length, double most) {
  seen_ += length;
  double later = later_than(seen_), begins = later_ - later, bound = most < kUncapped ? std::log(most) : INFINITY;
  later_ = later;
  for (std::size_t i = 0; i < ratios_; ++i) {
    mixed_[i] += begins;
    if (factors[i] == 0) continue;
    auto factor = std::min(factors[i], bound);
    since_start_[i] += factor;
    mixed_[i] = cut(mixed_[i] * std::exp(factor));
  }
}

double RatioMixture::mean(const Each& of) const {
  double all = 0;
  for (std::size_t i = 0; i < ratios_; ++i) all += of[i] / static_cast<double>(ratios_);
  return all;
}

double RatioMixture::evidence() const { return mean(mixed_) + later_; }

double RatioMixture::evidence(const Split& more, double deflation, double most) const {
  return evidence(log_factors(more, deflation), most);
}

double RatioMixture::evidence(const Each& factors, double most) const {
  auto mixed = mixed_;
  for (std::size_t i = 0; i < ratios_; ++i) mixed[i] = cut(mixed[i] * std::exp(std::min(factors[i], std::log(most))));
  return mean(mixed) + later_;
}

bool RatioMixture::reaches(double bound, const Each& more, double most) const {
  return mean(mixed_) * most + later_ >= bound && evidence(more, most) >= bound;
}

bool RatioMixture::from_start() const {
  Each products{};
  for (std::size_t i = 0; i < ratios_; ++i) products[i] = cut(std::exp(since_start_[i]));
  return kOnStart * mean(products) >= mean(mixed_) / 2;
}

}  // namespace davy::judge
