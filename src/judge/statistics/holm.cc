#include "judge/statistics/holm.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace davy::judge {

std::vector<double> holm(std::span<const double> p) {
  std::vector<double> out(p.size()), given(p.begin(), p.end());
  for (auto& one : given) one = one >= 0 ? std::min(one, 1.0) : 1;
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return given[i]; });
  double worst = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    worst = std::max(worst, std::min(1.0, static_cast<double>(p.size() - rank) * given[order[rank]]));
    out[order[rank]] = worst;
  }
  return out;
}

}  // namespace davy::judge
