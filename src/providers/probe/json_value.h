// What several probes find in JSON: at a path a text, a number, or how many there are.
#pragma once
#include "ports/probe.h"
#include "spec/json.h"
#include "spec/measure.h"

namespace davy::providers {

// `value` and `count` of what stands there.
void take_value(ports::Observation&, const spec::Json&, const spec::Measure&);

// The same of what stands at `path` in the text. `what` holds it, for people: "the answer". Not there, or no JSON: the
// observation is not well by `value`, and says so.
void look_inside(ports::Observation&, std::string_view text, const std::string& path, const spec::Measure&,
                 std::string_view what);

// A text of one word or number.
void take_as_text(ports::Observation&, std::string_view text, const spec::Measure&);

}  // namespace davy::providers
