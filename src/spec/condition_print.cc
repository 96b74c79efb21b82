// Quantities for people: the unit in which a value is shortest to say.
#include <fmt/format.h>

#include <cmath>

#include "spec/condition.h"

namespace davy::spec {
namespace {

struct Step {
  double from, factor;
  std::string_view unit;
};

// The first step that the value reaches; the last one for what is smaller still.
std::string scaled(double value, std::span<const Step> steps) {
  for (auto& step : steps)
    if (std::abs(value) >= step.from || &step == &steps.back())
      return fmt::format("{:.4g}{}", value / step.factor, step.unit);
  return {};
}

// 90s and not 1.5m: a larger unit only from two of it on.
std::string duration(double s) {
  static constexpr Step kSteps[] = {{172800, 86400, "d"}, {7200, 3600, "h"},  {120, 60, "m"},
                                    {1, 1, "s"},          {1e-3, 1e-3, "ms"}, {0, 1e-6, "us"}};
  return s == 0 ? "0s" : scaled(s, kSteps);
}

std::string size(double bytes) {
  static constexpr Step kSteps[] = {
      {1e12, 1e12, " TB"}, {1e9, 1e9, " GB"}, {1e6, 1e6, " MB"}, {1e3, 1e3, " KB"}, {0, 1, " B"}};
  return scaled(bytes, kSteps);
}

// 100 MB/min stays that, though it is 1.667 MB/s: the first time unit in which at least one is counted, a round number.
std::string rate(double per_second, std::string (*print)(double)) {
  static constexpr std::pair<double, std::string_view> kPer[] = {{1, "/s"}, {60, "/min"}, {3600, "/h"}};
  for (auto [length, suffix] : kPer) {
    auto v = per_second * length;
    auto short_form = fmt::format("{:.4g}", v);
    bool round = std::abs(std::strtod(short_form.c_str(), nullptr) - v) <= 1e-9 * std::abs(v);
    if (std::abs(v) >= 1e-2 && round) return print(v) + std::string(suffix);
  }
  return print(per_second) + "/s";
}

std::string plain(double value) { return fmt::format("{:.6g}", value); }
std::string share(double value) { return fmt::format("{:.6g}%", value * 100); }

}  // namespace

std::string print(Quantity q) {
  switch (q.unit) {
    case Unit::none:
      return plain(q.value);
    case Unit::ratio:
      return share(q.value);
    case Unit::seconds:
      return duration(q.value);
    case Unit::bytes:
      return size(q.value);
    case Unit::rate:
      return rate(q.value, plain);
    case Unit::bytes_rate:
      return rate(q.value, size);
    case Unit::ratio_rate:
      return rate(q.value, share);
  }
  return {};
}

}  // namespace davy::spec
