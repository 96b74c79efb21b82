#include "engine/run/asked.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::engine {
namespace {

using ports::Done;
using run::Outcome;

constexpr Duration kAgain = std::chrono::seconds(1);

bool warns(const Done& done) { return done.evidence.find("check") != nullptr; }

// No look will find anything else.
bool hopeless(const Result<Done>& done) {
  return !done && (done.error().code == Code::cancelled || done.error().code == Code::invalid);
}

}  // namespace

Duration Asked::one_look(const run::Attempt& a, Time now) const {
  auto whole = a.due - a.started - (again() ? within_ : hold_);
  if (again()) whole = std::min(whole, last() - now);
  return std::max(whole, kAgain);
}

std::optional<Result<Done>> Asked::hear(Result<Done> done, Time before, Time now) {
  ++looks_;
  if (!done || done->outcome != Outcome::ok) {
    well_since_.reset(), warned_.reset();
    if (!again() || hopeless(done)) return done;
  } else {
    if (!well_since_) well_since_ = before;
    if (!warned_ && warns(*done)) warned_ = *done;
    if (now - *well_since_ >= hold_) return warned_ ? Result<Done>(*warned_) : done;
  }
  if (!again() || now < last()) return {};
  return given_up(std::move(done), now);
}

// The last finding is what is said.
Result<Done> Asked::given_up(Result<Done> done, Time now) const {
  auto how = fmt::format(" (asked {} times in {})", looks_, human(now - began_));
  if (!done) {
    done.error().message += how;
  } else if (done->outcome == Outcome::ok) {
    done->outcome = Outcome::failed;
    done->says =
        fmt::format("well for {} only, expected {}: {}{}", human(now - *well_since_), human(hold_), done->says, how);
    done->evidence = spec::object({{"check", {}, spec::object({{"state", {}, spec::text("failed")}})}});
  } else {
    done->says += how;
  }
  return done;
}

Time Asked::next(Time now) const {
  auto next = now + kAgain;
  if (well_since_) next = std::min(next, *well_since_ + hold_);
  return again() ? std::min(next, last()) : next;
}

}  // namespace davy::engine
