// What is kept of the windows, for charts and for a judge that is appointed after a crash: a second each, and for
// itself each window in which a candidate had trouble. Evidence is in those, and within a second that is merged a
// candidate's error is held against the requests of the whole second; without them a judge that is refilled finds out
// later, or somebody else, than the one that was killed.
#pragma once
#include <optional>
#include <vector>

#include "judge/numbers/window.h"
#include "run/setup.h"

namespace davy::judge {

class Sampler {
 public:
  static constexpr Duration kGrain = std::chrono::seconds(1);

  // What is to be written by now, in order of time. A sample is either from before the candidate's first user, at
  // `exposed`, or from after.
  std::vector<Window> take(const Window&, const std::vector<run::Subject>&, std::optional<Time> exposed);
  std::optional<Window> rest();  // what is not written yet, at the end
  const Window* gathers() const { return open_.to == Time{} ? nullptr : &open_; }

 private:
  Window open_;
};

}  // namespace davy::judge
