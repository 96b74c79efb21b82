// How long one item of a checklist is looked at: when there is another look, and what has come of it all. Pure.
#pragma once
#include <optional>

#include "ports/operator.h"

namespace davy::engine {

// hold: it must be well so long without a break. within: what is not is asked again, so long at most; zero: it is not
// asked again. began: of the attempt, which a crash does not begin anew.
class Asked {
 public:
  Asked(Duration hold, Duration within, Time began) : hold_(hold), within_(within), began_(began) {}

  // The time of one look that begins now: what the attempt has without its repeating, and no more than is left of that.
  Duration one_look(const run::Attempt&, Time now) const;

  // A look that began at `before` is over: what has come of it all, or nothing where there is another look.
  std::optional<Result<ports::Done>> hear(Result<ports::Done>, Time before, Time now);

  Time next(Time now) const;  // when that is

 private:
  bool again() const { return within_ > Duration{}; }
  Time last() const { return began_ + within_; }
  Result<ports::Done> given_up(Result<ports::Done>, Time now) const;

  Duration hold_, within_;
  Time began_;
  std::optional<Time> well_since_;
  std::optional<ports::Done> warned_;  // the first warning of the stretch that is well
  int looks_ = 0;
};

}  // namespace davy::engine
