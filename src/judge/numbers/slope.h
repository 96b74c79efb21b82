// How a series moves: robust against single wild readings, unlike the line between two end points.
#pragma once
#include <optional>
#include <span>
#include <vector>

namespace davy::judge {

struct Point {
  double at = 0;  // seconds
  double value = 0;
};

// The median of the slopes between all pairs (Theil 1950, Sen 1968), per second; up to 29 % of the points may be wild.
// Nothing for fewer than two moments. Costs n² for n points: meant for the 60 of a Rolling.
std::optional<double> theil_sen(std::span<const Point>);

// The chance of so steady a rise in points that only scatter (Mann 1945, Kendall 1975; with ties), one-sided. 1 for
// fewer than four points.
double mann_kendall(std::span<const Point>);

double median(std::vector<double>);  // of at least one

}  // namespace davy::judge
