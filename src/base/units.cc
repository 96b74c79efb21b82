#include "base/units.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace davy {

// Three digits of it, and all of a number that has more: never 1e+03.
std::string human(Ratio r) {
  auto percent = r.value * 100;
  return std::abs(percent) >= 999.5 ? fmt::format("{:.0f}%", percent) : fmt::format("{:.3g}%", percent);
}

std::string human(Bytes b) {
  static constexpr std::array kUnits{"B", "KB", "MB", "GB", "TB", "PB"};
  auto n = static_cast<double>(b.value);
  std::size_t unit = 0;
  while (std::abs(n) >= 999.5 && unit + 1 < kUnits.size()) n /= 1000, ++unit;
  return unit == 0 ? fmt::format("{} B", b.value) : fmt::format("{:.3g} {}", n, kUnits[unit]);
}

}  // namespace davy
