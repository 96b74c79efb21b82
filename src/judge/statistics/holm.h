// Several metrics, one bound: Holm's step-down (Holm 1979, "A simple sequentially rejective multiple test procedure").
// With anytime-valid p values (1/evidence) the bound holds at every look.
#pragma once
#include <span>
#include <vector>

namespace davy::judge {

// p values adjusted for being one of several: a metric is found out when its own is at most alpha, and the chance that
// any is found out wrongly stays at most alpha, however the metrics depend on each other. In the order given. What is
// no number counts as 1.
std::vector<double> holm(std::span<const double> p);

}  // namespace davy::judge
