#include "signals/metrics/counters.h"

#include <cmath>

namespace davy::signals {

void Counters::begin() { ++look_, refused_ = 0; }

std::optional<double> Counters::see(std::string_view series, double value, bool restarted) {
  if (!std::isfinite(value)) return {};
  auto found = seen_.find(series);
  if (found == seen_.end()) {
    if (seen_.size() >= kMostSeries) return ++refused_, std::nullopt;
    seen_.emplace(series, Seen{value, look_});
    return look_ > 1 ? std::optional(value) : std::nullopt;
  }
  auto before = std::exchange(found->second, {value, look_}).value;
  return restarted || value < before ? value : value - before;
}

void Counters::end() {
  if (look_ % kRemembered != 0) return;
  std::erase_if(seen_, [&](auto& entry) { return look_ - entry.second.look >= kRemembered; });
}

}  // namespace davy::signals
