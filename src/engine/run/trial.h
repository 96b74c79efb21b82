// After a strike the candidate has its users again: whether it was watched with them for as long as that takes.
#pragma once
#include "judge/numbers/window.h"
#include "run/state.h"

namespace davy::engine {

class Trial {
 public:
  // Only whole windows count, so time in which nobody read is none. What is to be told, once: it was watched for
  // State::trial and each of its services had requests; or for long (three times that, 10 min at the least), and none
  // came.
  std::optional<run::Tried> see(const judge::Window&, const run::State&);

 private:
  bool all_met(const run::State&) const;

  std::optional<Time> since_;  // of the trial that is looked at
  Duration watched_{};
  std::set<std::string> met_;  // releases that had requests in it
  bool told_ = false;
};

}  // namespace davy::engine
