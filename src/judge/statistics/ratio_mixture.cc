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

}  // namespace

RatioMixture::RatioMixture(std::span<const double> ratios)
    : ratios_(ratios.first(std::min(ratios.size(), kMostRatios))), later_(later_than({})) {
  for (std::size_t i = 0; i < ratios_.size(); ++i) logs_[i] = std::log(ratios_[i]), mixed_[i] = kOnStart;
}

RatioMixture::Each RatioMixture::log_factors(const Split& s, double deflation, double most) const {
  Each out{};
  double all = s.own + s.other;
  for (std::size_t i = 0; i < ratios_.size(); ++i)
    out[i] = std::min(std::log(most), (s.own * logs_[i] - all * std::log1p(s.share * (ratios_[i] - 1))) / deflation);
  return out;
}

// A window without events only moves weight from the later moments to this one, which is most of the windows of a good
// service: no logarithm there.
void RatioMixture::see(const Split& s, double deflation, Duration length, double most) {
  seen_ += length;
  double later = later_than(seen_), begins = later_ - later;
  later_ = later;
  for (std::size_t i = 0; i < ratios_.size(); ++i) mixed_[i] += begins;
  if (s.own + s.other <= 0) return;
  auto factors = log_factors(s, deflation, most);
  for (std::size_t i = 0; i < ratios_.size(); ++i) {
    since_start_[i] += factors[i];
    mixed_[i] = cut(mixed_[i] * std::exp(factors[i]));
  }
}

double RatioMixture::mean(const Each& of) const {
  double all = 0;
  for (std::size_t i = 0; i < ratios_.size(); ++i) all += of[i] / static_cast<double>(ratios_.size());
  return all;
}

double RatioMixture::evidence() const { return mean(mixed_) + later_; }

double RatioMixture::evidence(const Split& more, double deflation, double most) const {
  auto factors = log_factors(more, deflation, most);
  auto mixed = mixed_;
  for (std::size_t i = 0; i < ratios_.size(); ++i) mixed[i] = cut(mixed[i] * std::exp(factors[i]));
  return mean(mixed) + later_;
}

bool RatioMixture::from_start() const {
  Each products{};
  for (std::size_t i = 0; i < ratios_.size(); ++i) products[i] = cut(std::exp(since_start_[i]));
  return kOnStart * mean(products) >= mean(mixed_) / 2;
}

}  // namespace davy::judge
