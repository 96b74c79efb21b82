#include "judge/statistics/bands.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace davy::judge {
namespace {

double real(std::uint64_t n) { return static_cast<double>(n); }

// What share lies in bucket `first` or above, for each from there to `end`.
std::vector<double> shares_from(const Sketch& s, std::size_t first, std::size_t end) {
  std::vector<double> out(end - first + 1);
  double above = real(s.count_from(end));
  for (auto bucket = end;; --bucket) {
    if (bucket < end) above += real(s.in(bucket));
    out[bucket - first] = above / real(s.count());
    if (bucket == first) return out;
  }
}

// The first bucket above factor times the edge.
std::size_t further(std::size_t edge, double factor) {
  if (factor <= 1) return edge;
  auto at = Duration(static_cast<std::int64_t>(std::ceil(seconds(Sketch::lower_end(edge)) * factor * 1e9)));
  return std::max(edge, Sketch::bucket_of(at - Duration(1)) + 1);
}

}  // namespace

std::pair<Duration, Duration> quantile_interval(const Sketch& s, double q, const EmpiricalProcessBound& band,
                                                double deflation) {
  double off = band(real(s.count()) / std::max(deflation, 1.0));
  auto at = [&](double p) { return Sketch::bucket_of(s.quantile(p)); };
  auto low = q - off < 0 ? Duration{} : Sketch::lower_end(at(q - off));
  auto high = q + off > 1 ? kForever : Sketch::lower_end(at(q + off) + 1);
  return {low, high};
}

BandTest::BandTest(double alpha, double factor, double t_min) : band_(alpha / 2, t_min), factor_(factor) {}

void BandTest::see(const Sketch& candidate, const Sketch& previous) {
  own_.merge(candidate), other_.merge(previous);
  if (own_.count() == 0 || other_.count() == 0) return;
  compare();
  decided_ = decided_ || gap_ > bound();
}

double BandTest::bound() const {
  return band_(real(own_.count()) / deflation_) + band_(real(other_.count()) / deflation_);
}

void BandTest::compare() {
  gap_ = 0;
  auto first = std::min(own_.first_bucket(), other_.first_bucket());
  auto end = std::max(Sketch::bucket_of(own_.max()), Sketch::bucket_of(other_.max()));
  auto own = shares_from(own_, first, end), other = shares_from(other_, first, end);
  for (auto edge = first; edge <= end; ++edge) {
    auto beyond = further(edge, factor_);
    double gap = (beyond > end ? 0 : own[beyond - first]) - other[edge - first];
    if (gap > gap_) gap_ = gap, where_ = Sketch::lower_end(edge);
  }
}

}  // namespace davy::judge
