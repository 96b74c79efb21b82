#include "judge/bake/paired.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "judge/statistics/normal.h"

namespace davy::judge {
namespace {

double real(std::uint64_t n) { return static_cast<double>(n); }

void add(Count& into, const Count& c) { into.requests += c.requests, into.errors += c.errors; }

}  // namespace

Paired::Paired() : counts_(0.5) {}

void Paired::see(const Count& candidate, const Count& previous, Duration length) {
  add(pending_own_, candidate), add(pending_other_, previous);
  seen_ += real(candidate.requests);
  auto seen = counts_.see(candidate, previous, length);
  if (!seen) return;
  auto own = std::exchange(pending_own_, {}), other = std::exchange(pending_other_, {});
  if (own.requests > 0 && other.requests > 0)
    all_ratio_.see(real(own.errors), real(other.errors), real(own.requests), real(other.requests));
  own_requests_ += seen->own_requests, own_ += seen->split.own;
  events_[static_cast<int>(std::lround(seen->split.share * 1000))] += seen->split.own + seen->split.other;
  events_ratio_.see(seen->split.own, seen->split.other, seen->own_requests, seen->other_requests);
  auto& s = seen->split;
  step_ += s.own - (s.own + s.other) * s.share;
  variance_ += s.own * (1 - s.share) * (1 - s.share) + s.other * s.share * s.share;
  block_ += seen->length;
  if (block_ < Blocks::kLength) return;
  bursts_.see(std::exchange(step_, 0), std::exchange(variance_, 0));
  block_ = {};
}

double Paired::worth() const { return counts_.by_client() ? 1 : std::max(counts_.dispersion(), bursts_.deflation()); }

double Paired::chance_of_so_many(double ratio) const {
  SplitSum sum;
  double left = own_;
  for (auto& [thousandths, events] : events_) {
    double share = thousandths / 1000.0, own = std::min(left, events);
    sum.see(own, events, ratio * share / (1 - share + ratio * share));
    left -= own;
  }
  return normal_above(sum.z() / std::sqrt(worth()));
}

}  // namespace davy::judge
