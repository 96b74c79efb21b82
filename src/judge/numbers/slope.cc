#include "judge/numbers/slope.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace davy::judge {

double median(std::vector<double> all) {
  auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::ranges::nth_element(all, middle);
  if (all.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(all.begin(), middle)) / 2;
}

std::optional<double> theil_sen(std::span<const Point> points) {
  std::vector<double> slopes;
  slopes.reserve(points.size() * points.size() / 2);
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::size_t j = i + 1; j < points.size(); ++j)
      if (auto apart = points[j].at - points[i].at; apart != 0)
        slopes.push_back((points[j].value - points[i].value) / apart);
  if (slopes.empty()) return {};
  return median(std::move(slopes));
}

double mann_kendall(std::span<const Point> points) {
  double rises = 0, n = static_cast<double>(points.size());
  if (points.size() < 4) return 1;
  std::map<double, double> ties;
  for (std::size_t i = 0; i < points.size(); ++i) {
    ++ties[points[i].value];
    for (std::size_t j = i + 1; j < points.size(); ++j)
      rises += (points[j].value > points[i].value) - (points[j].value < points[i].value);
  }
  double variance = n * (n - 1) * (2 * n + 5);
  for (auto& [_, t] : ties) variance -= t * (t - 1) * (2 * t + 5);
  if (variance <= 0) return 1;
  double z = (rises - (rises > 0) + (rises < 0)) / std::sqrt(variance / 18);
  return 0.5 * std::erfc(z / std::sqrt(2.0));
}

}  // namespace davy::judge
