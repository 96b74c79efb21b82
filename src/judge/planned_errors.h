// The errors of candidate and previous at a few looks that were planned beforehand, for those who decide in batches
// (spending.h). The count test (counts.h) may be looked at at any time; this one sees a little more at its looks.
#pragma once
#include "judge/judge.h"
#include "judge/statistics/spending.h"

namespace davy::judge {

class PlannedErrors {
 public:
  explicit PlannedErrors(const run::PlannedLooks&);

  // Observed time only; a verdict at the look at which more errors are proven, once.
  std::optional<Verdict> see(const Window&, const run::Subject&);

 private:
  double z() const;

  run::PlannedLooks how_;
  BatchTest test_;
  Tally own_, other_;
  Duration since_look_{};
};

}  // namespace davy::judge
