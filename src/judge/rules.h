// One rule on one service: does it hold now, has it held long enough, and is the release to blame?
#pragma once
#include <optional>

#include "judge/judge.h"
#include "judge/numbers/series.h"
#include "judge/statistics/binomial.h"
#include "judge/statistics/errors.h"

namespace davy::judge {

enum class Holds { yes, no, cannot_tell };

// `for 5m`, as Prometheus counts it: from the first look at which the condition holds, inclusive; one miss starts anew,
// and so does missing data.
class Held {
 public:
  explicit Held(Duration needed) : needed_(needed) {}
  bool see(Holds, Time now);       // true: it has held for as long as it must
  void skip(Duration unobserved);  // time that nobody watched counts neither for nor against
  bool holds() const { return since_.has_value(); }

 private:
  Duration needed_;
  std::optional<Time> since_;
};

// Who is judged, and beside whom.
struct Stand {
  const run::Subject& subject;
  const Rolling& rolling;
  const Baselines& baselines;
  const ErrorTest* errors;  // null: no previous release
  Least least;
  double alpha = 0.001, worse_by = 0;  // of the run's tests, for people

  bool concurrent() const;  // the previous release serves beside
};

struct Finding {
  Holds holds = Holds::cannot_tell;
  Reading seen, baseline;  // baseline: the previous release beside, else what Baselines has; may be empty
  double bound = 0;        // what `seen` was compared with
  bool as_sick = false;    // the previous release breaks the same threshold, or differs by noise only
};

// proven: whether the test of what the condition asks for says that the candidate is worse than the one beside it, by
// the condition's ratio where it has one (beside.h); nothing: there is no such test.
Finding find(const spec::Condition&, const Stand&, std::optional<bool> proven = {});

// What a consequence alone comes to.
Kind kind_of(run::Consequence);

// What a rule comes to. A roll-back where the previous release is as sick would blame the wrong one: hold.
Kind kind_of(run::Consequence, const Finding&);

// The same comparison for one reading: shared with the bake.
Holds compared(const spec::Condition&, const Reading&, double bound_scale = 1);

}  // namespace davy::judge
