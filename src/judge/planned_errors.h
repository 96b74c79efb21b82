// The errors of candidate and previous at a few looks that were planned beforehand, for those who decide in batches
// (spending.h). The test of errors (errors.h) may be looked at at any time; this one sees a little more at its looks.
// Both releases are compared within each gathered window, since shares move from phase to phase and the common error
// rate from minute to minute; what is added up is how far the candidate's errors lie beyond its part.
#pragma once
#include "judge/judge.h"
#include "judge/statistics/spending.h"

namespace davy::judge {

class PlannedErrors {
 public:
  explicit PlannedErrors(const run::PlannedLooks&);

  // Observed time only; a verdict at the look at which more errors are proven, once. own, other: of the window those
  // that may be compared.
  std::optional<Verdict> see(const Window&, const Tally& own, const Tally& other, const run::Subject&);

 private:
  void gather(const Tally& own, const Tally& other);

  run::PlannedLooks how_;
  BatchTest test_;
  SplitSum sum_;
  Tally own_, other_, pending_own_, pending_other_;
  Duration since_look_{};
};

}  // namespace davy::judge
