#include "base/units.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace davy {

std::string human(Ratio r) { return fmt::format("{:.3g}%", r.value * 100); }

std::string human(Bytes b) {
  static constexpr std::array kUnits{"B", "KB", "MB", "GB", "TB", "PB"};
  auto n = static_cast<double>(b.value);
  std::size_t unit = 0;
  while (std::abs(n) >= 1000 && unit + 1 < kUnits.size()) n /= 1000, ++unit;
  return unit == 0 ? fmt::format("{} B", b.value) : fmt::format("{:.3g} {}", n, kUnits[unit]);
}

}  // namespace davy
