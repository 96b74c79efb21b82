#include "judge/statistics/blocks.h"

#include <algorithm>
#include <cmath>

namespace davy::judge {
namespace {

constexpr double kSkew = 1.5;  // clumps are few and large: their far tail is heavier than their variance says
double real(std::uint64_t n) { return static_cast<double>(n); }

}  // namespace

void Clumps::see(double step, double variance) {
  if (begun_) {
    squares_ += (step - last_) * (step - last_) / 2;
    variance_ += (variance + last_variance_) / 2;
    ++pairs_;
  }
  last_ = step, last_variance_ = variance;
  begun_ = true;
}

// The guess is worth one pair of blocks.
double Clumps::value(double guess) const {
  if (variance_ <= 0) return guess;
  return std::max(1.0, (guess + squares_ * real(pairs_) / variance_) / (1 + real(pairs_)));
}

Unevenness::Unevenness(Measured measured) {
  scales_ = {{.blocks = 1}};
  if (measured == Measured::bursts) scales_.insert(scales_.end(), {{.blocks = 4}, {.blocks = 16}});
}

void Unevenness::see(double step, double variance) {
  for (auto& scale : scales_) {
    scale.step += step, scale.variance += variance;
    if (++scale.seen < scale.blocks) continue;
    scale.clumps.see(scale.step, scale.variance);
    scale.step = scale.variance = 0, scale.seen = 0;
  }
}

double Unevenness::deflation() const {
  double worst = 1;
  for (auto& scale : scales_) worst = std::max(worst, kSkew * scale.clumps.value());
  return worst;
}

void Loops::see(double own_requests, Duration length) {
  errors_ += std::min(seconds(length) / kEach, kMostOfAll * own_requests);
  seconds_ += seconds(length);
}

void Loops::see_block(double step, double variance, Duration length) {
  step_ += step, variance_ += variance, stretch_ += seconds(length);
  if (stretch_ < kStretch) return;
  clumps_.see(step_, variance_);
  step_ = variance_ = stretch_ = 0;
}

double Loops::errors() const { return seconds_ > kStretch ? errors_ * kStretch / seconds_ : errors_; }

double Loops::deflation() const { return kSkew * clumps_.value(std::max(1.0, errors())); }

// What is divided by kSkew · max(1, λt), summed over t.
double Loops::deflation(double own_requests_per_second, double seconds) {
  double rate = std::min(1 / kEach, kMostOfAll * own_requests_per_second), first = std::min(seconds, kStretch);
  double most = std::max(1.0, rate * first);
  if (most <= 1) return kSkew;
  double sum = (1 + std::log(most)) / rate + (seconds - first) / most;
  return kSkew * seconds / sum;
}

Blocks::Blocks(std::span<const double> grid, double floor, Measured measured)
    : mixture_(grid, floor), by_steps_(measured == Measured::bursts), unevenness_(measured) {}

void Blocks::see(std::span<const Split> parts, Duration length, Events events) {
  see(parts, mixture_.log_factors(parts, 1), length, events);
}

void Blocks::see(std::span<const Split> parts, const RatioMixture::Each& log_factors, Duration length, Events events) {
  double seen = 0, requests = 0;
  for (auto& s : parts) {
    double all = s.own + s.other;
    step_ += s.own - all * s.share;
    variance_ +=
        by_steps_ ? s.own * (1 - s.share) * (1 - s.share) + s.other * s.share * s.share : all * s.share * (1 - s.share);
    seen += all, requests += s.own_requests;
  }
  loops_.see(requests, length);
  if (seen > 0) {
    auto factors = RatioMixture::deflated(log_factors, deflation(events));
    for (std::size_t i = 0; i < factors.size(); ++i) open_[i] += factors[i];
  }
  length_ += length;
  if (length_ >= kLength) close();
}

double Blocks::deflation(Events events) const {
  if (events == Events::independent) return 1;
  return events == Events::of_strangers ? std::max(deflation(), loops_.deflation()) : deflation();
}

void Blocks::close() {
  mixture_.see(open_, length_, kMost);
  unevenness_.see(step_, variance_);
  loops_.see_block(step_, variance_, length_);
  open_ = {}, step_ = variance_ = 0, length_ = {};
}

double Blocks::evidence() const { return mixture_.evidence(open_, kMost); }

std::optional<int> Blocks::until(double enough, const Split& block, int most) const {
  auto then = mixture_;
  auto factors = mixture_.log_factors(block, deflation());
  for (int more = 1; more <= most; ++more) {
    then.see(factors, kLength, kMost);
    if (then.evidence() >= enough) return more;
  }
  return {};
}

}  // namespace davy::judge
