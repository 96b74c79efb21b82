// The pieces of the report page. All text from outside goes through esc(); nothing else writes it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "view/view.h"

namespace davy::view {

std::string esc(std::string_view);        // one line
std::string esc_lines(std::string_view);  // newlines kept, for <pre>

// The style sheet: light and dark by the reader's own setting, and for paper.
std::string_view style_sheet();

// Time along the width of a drawing.
struct Axis {
  Time from{}, to{};
  double left = 0, right = 0;  // which say how many ticks there is room for
  double x(Time) const;
  std::vector<Time> ticks() const;  // round times, eight at most
  std::string label(Time) const;
};
Axis axis_of(const RunView&, double left, double right);

// Grid lines with their times below, and the verdicts as numbered lines through all of it.
std::string time_grid(const Axis&, double top, double bottom);
// Behind all else: what was held, when the candidate had stepped aside, and when a maintenance page stood there.
std::string bands(const RunView&, const Axis&, double top, double bottom);
double tick_of(double most);  // between two values of an axis that ends there: 1, 2 or 5, times a power of ten
std::string verdict_lines(const RunView&, const Axis&, double top, double bottom);

std::string gantt(const RunView&);   // all attempts over time
std::string charts(const RunView&);  // request rate, errors, p95, share; empty without samples

}  // namespace davy::view
