// The standard normal distribution.
#pragma once

namespace davy::judge {

double normal_density(double z);
double normal_below(double z);     // P(Z <= z)
double normal_above(double z);     // P(Z > z), exact far out in the tail too
double normal_quantile(double p);  // z with P(Z <= z) = p; p in (0, 1), else infinite

}  // namespace davy::judge
