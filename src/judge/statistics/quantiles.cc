#include "judge/statistics/quantiles.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace davy::judge {
namespace {

// Of the odds of a slow request. Half as slow again at the p95 of a usual service doubles them.
constexpr std::array kOddsRatios{1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0};

constexpr auto kBlock = std::chrono::seconds(3);
constexpr double kMostOfBlock = 2.72;
constexpr double kSkew = 1.5;  // clumps are few and large: their far tail is heavier than their variance says
constexpr auto kGeneration = std::chrono::minutes(5);
constexpr double kLeastBeyond = 20;  // the threshold is chosen once so many requests lie beyond it

double real(std::uint64_t n) { return static_cast<double>(n); }
double rate(std::uint64_t n, std::uint64_t of) { return of == 0 ? 0 : real(n) / real(of); }

void sum(Slow& into, const Slow& s) {
  into.own += s.own, into.own_requests += s.own_requests;
  into.other += s.other, into.other_requests += s.other_requests;
}

Split split_of(const Slow& s) {
  auto all = s.own_requests + s.other_requests;
  return {real(s.own), real(s.other), all == 0 ? 0 : real(s.own_requests) / real(all)};
}

}  // namespace

double Slow::own_rate() const { return rate(own, own_requests); }
double Slow::other_rate() const { return rate(other, other_requests); }

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
double Clumps::value() const {
  constexpr double kGuess = 3;
  if (variance_ <= 0) return kGuess;
  return std::max(1.0, (kGuess + squares_ * real(pairs_) / variance_) / (1 + real(pairs_)));
}

SlowTest::SlowTest() : mixture_(kOddsRatios) {}

Split SlowTest::unfinished() const { return split_of(block_); }

void SlowTest::see(const Slow& s, Duration length) {
  sum(block_, s), sum(seen_, s);
  length_ += length, time_ += length;
  if (length_ >= kBlock) close();
}

// The deflation comes from the blocks before. What one draw per slow request would vary by is its expectation's twin:
// e·θ(1−θ).
void SlowTest::close() {
  auto s = unfinished();
  mixture_.see(s, deflation(), length_, kMostOfBlock);
  double all = s.own + s.other;
  clumps_.see(s.own - all * s.share, all * s.share * (1 - s.share));
  block_ = {}, length_ = {};
}

double SlowTest::deflation() const { return kSkew * clumps_.value(); }

double SlowTest::evidence() const { return mixture_.evidence(unfinished(), deflation(), kMostOfBlock); }

std::optional<Duration> SlowTest::until(double enough) const {
  auto blocks = seconds(time_) / seconds(kBlock);
  auto s = split_of(seen_);
  if (blocks <= 0 || seen_.own_rate() <= seen_.other_rate()) return {};
  s.own /= blocks, s.other /= blocks;
  auto then = mixture_;
  for (int more = 1; more <= 720; ++more) {
    then.see(s, deflation(), kBlock, kMostOfBlock);
    if (then.evidence() >= enough) return more * kBlock;
  }
  return {};
}

QuantileTest::QuantileTest(double alpha, std::vector<double> quantiles, double factor)
    : alpha_(alpha), factor_(std::max(factor, 1.0)) {
  for (auto q : quantiles) levels_.push_back({std::clamp(q, 0.0, 0.9999), {}, 0, 0, {}});
}

// The edge above f·x, so that no latency at or below it counts; the one above x for the previous release.
void QuantileTest::choose(Level& level) const {
  auto& from = earlier_.count() > recent_.count() ? earlier_ : recent_;
  if (real(from.count()) * (1 - level.quantile) < kLeastBeyond) return;
  auto edge = Sketch::bucket_of(from.quantile(level.quantile)) + 1;
  level.threshold = Sketch::lower_end(edge);
  level.other_edge = edge;
  level.own_edge = edge;
  if (factor_ > 1) {
    auto further = Duration(static_cast<std::int64_t>(std::ceil(seconds(*level.threshold) * factor_ * 1e9)));
    level.own_edge = std::max(edge, Sketch::bucket_of(further - Duration(1)) + 1);
  }
}

void QuantileTest::see(const Sketch& candidate, const Sketch& previous, Duration length) {
  if (candidate.count() == 0 || previous.count() == 0) return;
  for (auto& level : levels_) {
    if (level.test.at_edge()) choose(level);
    if (!level.threshold) continue;
    level.test.see({candidate.count_from(level.own_edge), candidate.count(), previous.count_from(level.other_edge),
                    previous.count()},
                   length);
  }
  recent_.merge(previous);
  generation_ += length;
  if (generation_ >= kGeneration) earlier_ = std::exchange(recent_, {}), generation_ = {};
  decided_ = decided_ || evidence() >= bound();
}

double QuantileTest::evidence() const {
  double all = 0;
  for (auto& level : levels_) all += level.test.evidence();
  return levels_.empty() ? 1 : all / static_cast<double>(levels_.size());
}

const QuantileTest::Level& QuantileTest::most_telling() const {
  return *std::ranges::max_element(levels_, {}, [](auto& level) { return level.test.evidence(); });
}

QuantileTest::Finding QuantileTest::finding() const {
  if (levels_.empty()) return {};
  auto& level = most_telling();
  return {level.quantile, level.threshold.value_or(Duration{}), level.test.seen(), level.test.deflation()};
}

std::optional<Outlook> QuantileTest::outlook() const {
  if (decided_ || levels_.empty()) return {};
  auto time = most_telling().test.until(bound() * static_cast<double>(levels_.size()));
  if (!time) return {};
  return Outlook{.time = *time};
}

}  // namespace davy::judge
