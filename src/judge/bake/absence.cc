#include "judge/bake/absence.h"

#include <cmath>
#include <utility>

namespace davy::judge {

bool Absence::see(std::uint64_t candidate, std::uint64_t previous, std::optional<double> asked, Duration length) {
  if (candidate > 0) {
    own_ += static_cast<double>(candidate);
    other_ += static_cast<double>(previous) + beside_;
    beside_ = 0, since_last_ = {}, away_ = false;
    return false;
  }
  since_last_ += length;
  beside_ += static_cast<double>(previous);
  if (away_) return true;
  away_ = beyond_chance(asked);
  if (away_) stretch_ = since_last_ - length;
  return away_;
}

// The share is known as well as its requests tell it (a Beta distribution, Jeffreys' prior): that none of the next n is
// the candidate's has the chance B(a, b + n) / B(a, b).
bool Absence::beyond_chance(std::optional<double> asked) const {
  if (own_ == 0) return asked && *asked < 1 && beside_ * std::log1p(-*asked) < std::log(kNoChance);
  double a = own_ + 0.5, b = other_ + 0.5;
  double log_chance = std::lgamma(b + beside_) - std::lgamma(b) - std::lgamma(a + b + beside_) + std::lgamma(a + b);
  return log_chance < std::log(kNoChance);
}

Duration Absence::take_stretch() { return std::exchange(stretch_, {}); }

}  // namespace davy::judge
