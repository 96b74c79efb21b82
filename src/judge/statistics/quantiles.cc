#include "judge/statistics/quantiles.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace davy::judge {
namespace {

// Of the odds of a slow request. Half as slow again at the p95 of a usual service doubles them.
constexpr std::array kOddsRatios{1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0};

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

SlowTest::SlowTest() : blocks_(kOddsRatios, 1, Measured::blocks) {}

void SlowTest::see(const Slow& s, Duration length) {
  sum(seen_, s);
  time_ += length;
  blocks_.see(split_of(s), length);
}

std::optional<Duration> SlowTest::until(double enough) const {
  auto blocks = seconds(time_) / seconds(Blocks::kLength);
  auto s = split_of(seen_);
  if (blocks <= 0 || seen_.own_rate() <= seen_.other_rate()) return {};
  s.own /= blocks, s.other /= blocks;
  constexpr int kAnHour = 1200;
  auto more = blocks_.until(enough, s, kAnHour);
  return more ? std::optional<Duration>(*more * Blocks::kLength) : std::nullopt;
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
  pending_.own.merge(candidate), pending_.other.merge(previous), pending_.length += length;
  if (waits_in_vain(pending_.own.count(), pending_.other.count())) drop_pending();
  if (!enough_gathered(pending_.own.count(), pending_.other.count())) return;
  auto whole = std::exchange(pending_, {});
  take(whole.own, whole.other, whole.length);
}

void QuantileTest::take(const Sketch& candidate, const Sketch& previous, Duration length) {
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
