// `expect:` of a checklist item against what its probe saw. Pure.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/probe.h"
#include "spec/condition.h"

namespace davy::ports {

// What is not as expected. expected: the condition; empty: the probe's own idea of well. found: as people read it; raw:
// as the probe found it, a number in base units.
struct Miss {
  std::string says;  // in one sentence: "free is 8.2 GB, expected free > 10 GB"
  std::string expected = {}, found = {}, raw = {};
  bool blind = false;  // it is not known: nothing was found that compares with it
};

// Nothing when it is well and all conditions hold; what a condition speaks of, it alone decides. `for` is of time: who
// repeats the probe sees to it.
std::optional<Miss> missed(const Observation&, const std::vector<spec::Condition>& expect);
// What is to be warned of: the first of `degraded` that holds, or of which it cannot be told whether it does. Of what
// is well, it stops nothing. Nothing: none of them.
std::optional<Miss> warned(const Observation&, const std::vector<spec::Condition>& degraded);
inline std::optional<std::string> unmet(const Observation& o, const std::vector<spec::Condition>& expect) {
  auto miss = missed(o, expect);
  return miss ? std::optional(std::move(miss->says)) : std::nullopt;
}

// What they speak of, for the probe that is asked.
std::set<std::string> wanted(const std::vector<spec::Condition>& expect);

// For how long all of them must hold, from the first look on: the longest `for`.
Duration held(const std::vector<spec::Condition>& expect);

}  // namespace davy::ports
