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

void SlowTest::see(std::span<const Slow> parts, Duration length) {
  std::vector<Split> splits;
  for (auto& one : parts) sum(seen_, one), splits.push_back(split_of(one));
  time_ += length;
  blocks_.see(splits, length);
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
  if (candidate.count() > 0) strata_.add("", 0, candidate);
  if (previous.count() > 0) strata_.add("", 1, previous);
  compare_what_is_ready(length);
}

void QuantileTest::see(const Tally& candidate, const Tally& previous, Duration length) {
  gather(candidate, 0), gather(previous, 1);
  compare_what_is_ready(length);
}

void QuantileTest::gather(const Tally& t, std::size_t side) {
  auto rest = t.latency;
  for (auto& [name, part] : t.endpoints) {
    if (part.latency.count() == 0) continue;
    strata_.add(name, side, part.latency);
    rest.remove(part.latency);
  }
  if (rest.count() > 0) strata_.add("", side, rest);
}

void QuantileTest::compare_what_is_ready(Duration length) {
  pending_ += length;
  auto ready = strata_.take_ready();
  if (!ready.empty()) take(ready, std::exchange(pending_, {}));
}

void QuantileTest::take(std::span<const Pair> parts, Duration length) {
  for (auto& level : levels_) {
    if (level.test.at_edge()) choose(level);
    if (!level.threshold) continue;
    std::vector<Slow> slow;
    for (auto& [own, other] : parts)
      slow.push_back({own.count_from(level.own_edge), own.count(), other.count_from(level.other_edge), other.count()});
    level.test.see(slow, length);
  }
  for (auto& part : parts) recent_.merge(part[1]);
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
