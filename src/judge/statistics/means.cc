#include "judge/statistics/means.h"

#include <algorithm>
#include <cmath>

#include "judge/statistics/bounds.h"

namespace davy::judge {
namespace {

constexpr int kBlock = 8;          // readings
constexpr double kOnStart = 0.75;  // of the weight; half of what is left on each later start
constexpr double kPrior = 1.0;     // variance of the standardised difference that is looked for

}  // namespace

MeanTest::MeanTest(double alpha, double factor, Sided sides)
    : alpha_(alpha), factor_(sides == Sided::either_worse ? 1 : factor), sides_(sides) {}

void MeanTest::see(double candidate, double previous, Duration since) {
  double difference = candidate - factor_ * previous;
  if (!std::isfinite(difference)) return;
  block_own_ += candidate, block_other_ += previous;
  time_ += since;
  if (++in_block_ == kBlock) close();
}

// So many blocks make a start, then twice as many for the next.
void MeanTest::close() {
  for (auto& start : starts_) start.see(block_own_ / kBlock, block_other_ / kBlock, factor_);
  block_own_ = block_other_ = 0, in_block_ = 0;
  if (++blocks_ == next_start_) starts_.emplace_back(), next_start_ *= 2;
  weigh();
  decided_ = decided_ || evidence_ >= bound();
}

// What is still to come counts as nothing known: evidence 1.
void MeanTest::weigh() {
  double left = 1, weight = kOnStart, most = 0;
  evidence_ = 0;
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    auto part = weight * evidence_of(starts_[i], starts_[i].worth());
    evidence_ += part, left -= weight;
    weight = left / 2;
    if (part > most) most = part, best_ = i;
  }
  evidence_ += left;
}

void MeanTest::Start::see(double candidate, double previous, double factor) {
  double block = candidate - factor * previous;
  own += candidate, other += previous;
  if (blocks > 0) steps += (block - last) * (block - last);
  last = block;
  double before = block - mean;  // Welford
  mean += before / ++blocks;
  squares += before * (block - mean);
}

double MeanTest::Start::variance() const { return blocks < 2 ? 0 : squares / (blocks - 1); }

// 1 − (mean squared step)/(2·variance), von Neumann's ratio: a steady difference is none. Few blocks cannot rule out a
// correlation, so one and a half of its standard errors are added.
double MeanTest::Start::correlation() const {
  if (blocks < 3 || squares <= 0) return 0.9;
  double phi = 1 - steps / (blocks - 1) / (2 * variance());
  return std::clamp(phi + 1.5 / std::sqrt(blocks), 0.0, 0.98);
}

double MeanTest::Start::worth() const { return blocks * (1 - correlation()) / (1 + correlation()); }

double MeanTest::evidence_of(const Start& start, double n) const {
  if (n < 2 || start.variance() <= 0 || (sides_ == Sided::candidate_worse && start.mean <= 0)) return 1;
  double t = start.mean / std::sqrt(start.variance() / n);
  return std::exp(std::min(log_t_mixture(n, t, kPrior), 600.0));
}

std::optional<MeanTest::Interval> MeanTest::difference() const {
  auto& start = starts_[best_];
  double n = start.worth();
  if (n < 10) return {};
  double off = std::sqrt(start.variance()) * NormalMixture(30, alpha_).bound(n, alpha_) / n;
  return Interval{start.mean - off, start.mean + off};
}

std::optional<Outlook> MeanTest::outlook() const {
  auto& start = starts_[best_];
  if (decided_ || start.blocks < 2 || (sides_ == Sided::candidate_worse && start.mean <= 0)) return {};
  double n = start.worth(), more = 1;
  while (evidence_of(start, n * more) < bound())
    if ((more *= 1.1) > 1000) return {};
  return Outlook{.time = Duration(static_cast<std::int64_t>(1e9 * seconds(time_) * (more - 1)))};
}

}  // namespace davy::judge
