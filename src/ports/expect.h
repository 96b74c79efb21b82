// `expect:` of a checklist item against what its probe saw. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ports/probe.h"
#include "spec/condition.h"

namespace davy::ports {

// What is not as expected, in one sentence: "free is 8.2 GB, expected free > 10 GB". Nothing when all conditions hold;
// without any, the probe's own idea of well counts. `for` is of time: who repeats the probe sees to it.
std::optional<std::string> unmet(const Observation&, const std::vector<spec::Condition>& expect);

// For how long all of them must hold, from the first look on: the longest `for`.
Duration held(const std::vector<spec::Condition>& expect);

}  // namespace davy::ports
