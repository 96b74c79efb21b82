#include "judge/paired.h"

#include <algorithm>
#include <cmath>

#include "judge/statistics/normal.h"

namespace davy::judge {

Paired::Paired() : counts_(0.5) {}

void Paired::see(const Count& candidate, const Count& previous, Duration length) {
  auto seen = counts_.see(candidate, previous, length);
  if (!seen) return;
  double all = seen->own_requests + seen->other_requests;
  own_requests_ += seen->own_requests, own_ += seen->split.own;
  events_[static_cast<int>(std::lround(seen->split.share * 1000))] += seen->split.own + seen->split.other;
  above_ += seen->split.own * seen->other_requests / all;
  below_ += seen->split.other * seen->own_requests / all;
}

std::optional<double> Paired::ratio() const { return below_ > 0 ? std::optional(above_ / below_) : std::nullopt; }

double Paired::chance_of_so_many(double ratio) const {
  SplitSum sum;
  double left = own_;
  for (auto& [thousandths, events] : events_) {
    double share = thousandths / 1000.0, own = std::min(left, events);
    sum.see(own, events, ratio * share / (1 - share + ratio * share));
    left -= own;
  }
  return normal_above(sum.z() / std::sqrt(counts_.dispersion()));
}

}  // namespace davy::judge
