// The proof that a check can fail: each of its expectations turned round, which must be red where the check is green.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "run/runbook.h"

namespace davy::rollout {

// The opposite, as it would be written: "free > 10 GB" is "free <= 10 GB", "pool in 15..20" "pool not in 15..20".
// Nothing: it has no opposite in one condition.
std::optional<std::string> turned_round(const spec::Condition&);

// One expectation of one item, turned round: a step of its own beside the item's.
struct Turned {
  std::string item;  // path of the step that it stands in
  std::string path;  // its own
  std::string condition, round;
  bool degraded = false;  // it is one of what warns: then the turned one must warn
};
struct Turning {
  run::Runbook book;  // the steps as they are, and behind them one for each expectation
  std::vector<Turned> turned;
  std::vector<std::string> bare;  // paths of what looks without an expectation: nothing can be turned round
};
Turning turning_of(const run::Runbook& checklists);

}  // namespace davy::rollout
