// What is kept of the windows, for charts and for a judge that is appointed after a crash. In the first hour with users
// a second each, and for itself each window in which a candidate had trouble: evidence is in those, and within a second
// that is merged a candidate's error is held against the requests of the whole second; without them a judge that is
// refilled finds out later, or somebody else, than the one that was killed. Then ten seconds each to a day, and a
// minute each from there on, or until something is missing or another share is asked for: a release that is watched for
// a week would fill the disk, and after an hour a second more or less decides nothing.
#pragma once
#include <optional>
#include <vector>

#include "judge/numbers/window.h"
#include "run/setup.h"

namespace davy::judge {

class Sampler {
 public:
  static constexpr Duration kGrain = std::chrono::seconds(1);  // the finest

  // What is to be written by now, in order of time; one that is not full yet once a second, so that no more is lost and
  // nothing that is shown is older: it is written again, with the same beginning. A sample is either from before the
  // candidate's first user, at `exposed`, or from after.
  std::vector<Window> take(const Window&, const std::vector<run::Subject>&, std::optional<Time> exposed);
  std::optional<Window> rest();  // what is not written yet, at the end
  const Window* gathers() const { return open_.to == Time{} ? nullptr : &open_; }

 private:
  Window open_;
  std::optional<Time> first_;  // of all windows
  Time told_{};                // until when the one that is open was handed out
};

// How long a sample is that begins so long after the candidate's first user; before it, after the run's first window.
Duration grain_at(Duration age);

}  // namespace davy::judge
