#include "signals/metrics/counters.h"

#include <cmath>

namespace davy::signals {

namespace {

// Less than that is soon reached again by a counter that was really set back.
constexpr double kMany = 50;

}  // namespace

void Counters::begin() { ++look_, refused_ = fell_ = came_back_ = 0; }

std::optional<double> Counters::see(std::string_view series, double value, bool restarted, std::uint64_t born) {
  if (!std::isfinite(value)) return {};
  auto found = seen_.find(series);
  if (found == seen_.end()) {
    if (seen_.size() >= kMostSeries) return ++refused_, std::nullopt;
    seen_.emplace(series, Seen{value, look_, 0});
    return look_ > 1 ? std::optional(value) : std::nullopt;
  }
  auto& seen = found->second;
  auto before = std::exchange(seen.value, value);
  auto last = std::exchange(seen.look, look_);
  restarted |= last < born;
  if (restarted) seen.fell_from = 0;
  bool watched = last + 1 == look_;  // else it was gone meanwhile, and begins anew
  if (!restarted && watched && value < before) ++fell_, seen.fell_from = before;
  bool jumped = seen.fell_from >= kMany && value >= seen.fell_from && value <= 2 * seen.fell_from && before < value / 2;
  if (value >= seen.fell_from) came_back_ += jumped, seen.fell_from = 0;
  return restarted || value < before ? value : value - before;
}

void Counters::end() {
  if (look_ % kRemembered != 0) return;
  std::erase_if(seen_, [&](auto& entry) { return look_ - entry.second.look >= kRemembered; });
}

}  // namespace davy::signals
