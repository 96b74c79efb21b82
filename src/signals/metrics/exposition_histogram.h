// Classic histograms into latency sketches. What is known is how many fell between two bounds; inside a bucket they are
// spread evenly, as histogram_quantile does, so a quantile is off by at most the width of its bucket.
#pragma once
#include <map>
#include <optional>
#include <string_view>

#include "judge/numbers/sketch.h"

namespace davy::signals {

// Upper bound (the label `le`, in the metric's own unit) -> how many are at or below it. Bounds may be infinite.
using Cumulative = std::map<double, double>;

// unit: of the bounds, in seconds. What lies above the last finite bound is put just above that: all that is known.
// Counts that fall from one bound to the next (a page made while it changed) count as none.
judge::Sketch to_sketch(const Cumulative&, double unit);

// The width in seconds of the bucket in which the quantile lies; nothing when empty, infinite above the last bound.
std::optional<double> resolution(const Cumulative&, double q, double unit);

// In seconds, by the name's ending, as Prometheus and OpenMetrics want it (_seconds), or _milliseconds, _ms,
// _microseconds … Nothing: the name does not say.
std::optional<double> unit_of(std::string_view family);

}  // namespace davy::signals
