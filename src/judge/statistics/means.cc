#include "judge/statistics/means.h"

#include <algorithm>
#include <cmath>

#include "judge/statistics/bounds.h"

namespace davy::judge {
namespace {

constexpr int kBlock = 8;       // readings
constexpr double kPrior = 1.0;  // variance of the standardised difference that is looked for

}  // namespace

MeanTest::MeanTest(double alpha, double factor, Sided sides)
    : alpha_(alpha), factor_(sides == Sided::either_worse ? 1 : factor), sides_(sides) {}

void MeanTest::see(double candidate, double previous, Duration since) {
  double difference = candidate - factor_ * previous;
  if (!std::isfinite(difference)) return;
  own_ += candidate, other_ += previous, block_ += difference;
  time_ += since;
  ++readings_;
  if (++in_block_ == kBlock) close();
}

void MeanTest::close() {
  double block = block_ / kBlock;
  block_ = 0, in_block_ = 0;
  if (blocks_ > 0) steps_ += (block - last_) * (block - last_);
  last_ = block;
  double before = block - mean_;  // Welford
  mean_ += before / ++blocks_;
  squares_ += before * (block - mean_);
  evidence_ = evidence_of(worth());
  decided_ = decided_ || evidence_ >= bound();
}

double MeanTest::variance() const { return blocks_ < 2 ? 0 : squares_ / (blocks_ - 1); }

// 1 − (mean squared step)/(2·variance), von Neumann's ratio: a steady difference is none. Few blocks cannot rule out a
// correlation, so one and a half of its standard
// errors are added.
double MeanTest::correlation() const {
  if (blocks_ < 3 || squares_ <= 0) return 0.9;
  double phi = 1 - steps_ / (blocks_ - 1) / (2 * variance());
  return std::clamp(phi + 1.5 / std::sqrt(blocks_), 0.0, 0.98);
}

double MeanTest::worth() const { return blocks_ * (1 - correlation()) / (1 + correlation()); }

double MeanTest::evidence_of(double n) const {
  if (n < 2 || variance() <= 0 || (sides_ == Sided::candidate_worse && mean_ <= 0)) return 1;
  double t = mean_ / std::sqrt(variance() / n);
  return std::exp(std::min(log_t_mixture(n, t, kPrior), 600.0));
}

std::optional<MeanTest::Interval> MeanTest::difference() const {
  double n = worth();
  if (n < 10) return {};
  double off = std::sqrt(variance()) * NormalMixture(30, alpha_).bound(n, alpha_) / n;
  return Interval{mean_ - off, mean_ + off};
}

std::optional<Outlook> MeanTest::outlook() const {
  if (decided_ || blocks_ < 2 || (sides_ == Sided::candidate_worse && mean_ <= 0)) return {};
  double n = worth(), more = 1;
  while (evidence_of(n * more) < bound())
    if ((more *= 1.1) > 1000) return {};
  return Outlook{.time = Duration(static_cast<std::int64_t>(1e9 * seconds(time_) * (more - 1)))};
}

}  // namespace davy::judge
