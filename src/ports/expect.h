// `expect:` of a checklist item against what its probe saw. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ports/probe.h"
#include "spec/condition.h"

namespace davy::ports {

// What is not as expected, in one sentence: "free is 8.2 GB, expected free > 10 GB". Nothing when all conditions hold;
// without any, the probe's own idea of well counts. `for` and `over` are of time: who repeats the probe sees to them.
std::optional<std::string> unmet(const Observation&, const std::vector<spec::Condition>& expect);

}  // namespace davy::ports
