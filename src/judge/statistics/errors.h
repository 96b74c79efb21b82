// Does the candidate fail more often? The count test (counts.h) is right where each request is sent to a release at
// random and errors are independent given that. Here is what decides in traffic that is otherwise, in two ways that
// share alpha:
//  - strikes (strikes.h): separate moments, each with new evidence. It finds what fails now, after as many
//    errors as it must and hardly more;
//  - blocks (blocks.h): many moments, none of which counts for much. It finds what fails now and then.
#pragma once
#include "judge/statistics/blocks.h"
#include "judge/statistics/strikes.h"

namespace davy::judge {

struct Asked {
  double alpha = 0.001;
  Sided sided = Sided::candidate_worse;
  double worse_by = 0;  // ratios up to 1 + worse_by are no news
  bool strikes = true;  // false: by blocks only, for what is never so urgent that users must be taken away
};

class ErrorTest {
 public:
  explicit ErrorTest(const Asked&);

  void see(const Count& candidate, const Count& previous, Duration length);
  void drop_pending() { counts_.drop_pending(); }

  bool decided() const { return decided_; }  // stays
  // Users are to be taken away from the candidate until it is tried again. True once for each strike.
  bool struck();
  bool on_trial() const { return strikes_ && strikes_->phase() != Strikes::Phase::watching; }

  // Of what decided: the latest trial, or all that was seen where it was many moments; clients unknown, without what
  // one of them may have made.
  double ratio_surely() const;
  double added_rate() const;  // the candidate's latest errors, less what the previous release's requests have anyway

  const CountTest& counts() const { return counts_; }
  double bound() const { return counts_.bound(); }

 private:
  Events events() const;
  double trial_deflation() const;
  double alpha_;  // of each way
  CountTest counts_;
  std::optional<Strikes> strikes_;
  Blocks blocks_;
  Loops loops_;  // of the trial
  int told_ = 0;
  bool decided_ = false;
};

}  // namespace davy::judge
