#include "judge/statistics/mann_whitney.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "judge/statistics/normal.h"

namespace davy::judge {
namespace {

using Sorted = std::vector<double>;

struct Ranks {
  double above = 0;  // W: pairs with x − shift > y, ties by half
  double ties = 0;   // Σ over groups of equal values of t³ − t
};

// One walk through both sorted sides.
Ranks ranks(const Sorted& x, const Sorted& y, double shift) {
  Ranks out;
  std::size_t i = 0, j = 0;
  while (i < x.size() || j < y.size()) {
    bool from_x = j == y.size() || (i < x.size() && x[i] - shift <= y[j]);
    double value = from_x ? x[i] - shift : y[j];
    double below = static_cast<double>(j), mine = 0, its = 0;
    for (; i < x.size() && x[i] - shift == value; ++i) ++mine;
    for (; j < y.size() && y[j] == value; ++j) ++its;
    out.above += mine * (below + its / 2);
    double tied = mine + its;
    out.ties += tied * tied * tied - tied;
  }
  return out;
}

// Standardised: how far W is from what equal distributions give, half a pair nearer for continuity. Falls as the shift
// rises.
double z(const Sorted& x, const Sorted& y, double shift) {
  double n = static_cast<double>(x.size()), m = static_cast<double>(y.size()), all = n + m;
  auto at = ranks(x, y, shift);
  double off = at.above - n * m / 2;
  double variance = n * m / 12 * (all + 1 - at.ties / (all * (all - 1)));
  if (off == 0 || variance <= 0) return 0;
  return (off - std::copysign(0.5, off)) / std::sqrt(variance);
}

// The shift at which z falls below a level: `reached` says what still lies above it.
template <class F>
double turn(double low, double high, F&& reached) {
  if (!reached(low)) return low;
  if (reached(high)) return high;
  for (int i = 0; i < 200 && low < high; ++i) {
    double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    (reached(middle) ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

// The difference of two values that lies nearest. W only changes where the shift is one, so that is where the test
// turns; halving an interval ends a hair beside it, and on which side of it is luck.
double nearest_difference(const Sorted& x, const Sorted& y, double shift) {
  double best = x.front() - y.front();
  auto see = [&](double difference) {
    if (std::abs(difference - shift) < std::abs(best - shift)) best = difference;
  };
  for (double value : x) {
    auto at = std::ranges::lower_bound(y, value - shift);
    if (at != y.end()) see(value - *at);
    if (at != y.begin()) see(value - *std::prev(at));
  }
  return best;
}

bool usable(std::span<const double> values) {
  return !values.empty() && std::ranges::all_of(values, [](double v) { return std::isfinite(v); });
}

}  // namespace

std::optional<RankTest> rank_test(std::span<const double> candidate, std::span<const double> previous,
                                  double confidence) {
  if (!usable(candidate) || !usable(previous)) return {};
  Sorted x(candidate.begin(), candidate.end()), y(previous.begin(), previous.end());
  std::ranges::sort(x), std::ranges::sort(y);
  RankTest out;
  out.pairs = ranks(x, y, 0).above;
  out.superiority = out.pairs / (static_cast<double>(x.size()) * static_cast<double>(y.size()));
  out.p = std::min(1.0, 2 * normal_above(std::abs(z(x, y, 0))));
  double least = x.front() - y.back(), most = x.back() - y.front();
  double level = -normal_quantile((1 - confidence) / 2);
  auto exact = [&](auto&& reached) { return nearest_difference(x, y, turn(least, most, reached)); };
  out.low = exact([&](double shift) { return z(x, y, shift) > level; });
  out.high = exact([&](double shift) { return z(x, y, shift) > -level; });
  double half = static_cast<double>(x.size()) * static_cast<double>(y.size()) / 2;  // no continuity correction here
  double from = exact([&](double shift) { return ranks(x, y, shift).above > half; });
  double to = exact([&](double shift) { return ranks(x, y, shift).above >= half; });
  out.estimate = from + (to - from) / 2;
  return out;
}

}  // namespace davy::judge
