#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ports/probe.h"
#include "spec/condition.h"

namespace davy::ports {

// What an observation lacks of what is expected, in one sentence; nothing when all holds. Without conditions the
// probe's own idea of well decides. A condition's series names a number or a word of the observation (`value`,
// `status`, `free`); one that the probe did not report is unmet: no data is never a pass.
std::optional<std::string> unmet(const Observation&, const std::vector<spec::Condition>&);

}  // namespace davy::ports
