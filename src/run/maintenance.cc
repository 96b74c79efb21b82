#include "run/maintenance.h"

namespace davy::run {

bool in_maintenance(const State& s) {
  bool on = false;
  for (StepIx i = 0; i < s.count(); ++i) {
    auto& call = s.step(i).call;
    if (call.port != "maintenance") continue;
    auto& at = s.at(i);
    bool begun = at.applied || at.tainted || s.busy(i);
    if (call.operation == "on" && begun) on = !at.undone;
    if (call.operation == "off" && at.applied && !at.undone) on = false;
  }
  return on;
}

}  // namespace davy::run
